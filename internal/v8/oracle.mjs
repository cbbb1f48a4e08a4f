// Answers, for each line with a text on standard input, how V8 counts, slices and segments it.
import { createInterface } from "node:readline";

const recommended = /^\p{RGI_Emoji}$/v;
const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

const whole = (text) => (text.isWellFormed() ? text : null);

for await (const line of createInterface({ input: process.stdin })) {
  const { text, places, ranges, clusters } = JSON.parse(line);
  const answer = {
    length: text.length,
    places: places.map((at) => {
      const before = text.slice(0, at);
      return before.isWellFormed() ? { whole: true, byte: Buffer.byteLength(before), rune: [...before].length } : {};
    }),
    slices: ranges.map(([start, end]) => whole(text.slice(start, end))),
    clusters: clusters ? Array.from(segmenter.segment(text), (segment) => segment.index) : [],
    emoji: recommended.test(text),
    unicode: process.versions.unicode,
  };
  process.stdout.write(JSON.stringify(answer) + "\n");
}
