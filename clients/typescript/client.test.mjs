// The vendor's own client against a started server: what it was written to expect
// has to happen. The Go test beside this folder starts the servers and runs this.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import LinqAPIV3 from '@linqapp/sdk';
import { Webhook } from 'standardwebhooks';

const env = (name) => process.env[name] ?? assert.fail(`${name} is not set: run go test ./clients`);
const direct = env('FROMLINE_URL'); // the server
const faulty = env('FROMLINE_FAULTY_URL'); // the same one behind a proxy that injects faults
const limited = env('FROMLINE_LIMITED_URL'); // another one, with one line and one request a second
const closed = env('FROMLINE_CLOSED_URL'); // another one, with one request a quarter of an hour
const embedded = env('FROMLINE_EMBEDDED_URL'); // the endpoint inside a program, with errors on demand
const apiKey = env('FROMLINE_TOKEN');
const secret = env('FROMLINE_WEBHOOK_SECRET');

const client = new LinqAPIV3({ apiKey, baseURL: direct, maxRetries: 0 });
const stubborn = new LinqAPIV3({ apiKey, baseURL: faulty }); // retries as it does by default

let next = 0;
/** A number that nobody was written to before. */
const somebody = () => `+1415555${String(1000 + next++).padStart(4, '0')}`;
const text = (value, more = {}) => ({ type: 'text', value, ...more });
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Tells the server what became of a line. */
async function report(line, status, at = new Date()) {
  const body = JSON.stringify({
    event_type: 'phone_number.status_updated', event_id: randomUUID(), created_at: at.toISOString(),
    data: { phone_number: line, previous_status: 'ACTIVE', new_status: status, changed_at: at.toISOString() },
  });
  const id = `msg_${randomUUID()}`;
  const answer = await fetch(`${direct}/v3/events`, {
    method: 'POST', body,
    headers: {
      'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': String(Math.floor(at / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, at, body),
    },
  });
  assert.equal(answer.status, 200, await answer.text());
}

test('new, and then reuse', async () => {
  const to = [somebody()];
  const first = await client.messages.create({ to, message: { parts: [text('Hi! Thanks for reaching out — how can we help?')] } });
  assert.equal(first.from_selection.reason, 'new_best_number');
  assert.equal(first.from_selection.reused_existing_chat, false);
  assert.equal(first.created_new_chat, true);
  assert.equal(first.previous_chat_id, null);
  assert.equal(first.is_group, false);
  assert.match(first.chat_id, uuid);
  assert.match(first.message.id, uuid);
  assert.equal(first.message.delivery_status, 'pending');
  assert.deepEqual(first.message.parts, [{ type: 'text', value: 'Hi! Thanks for reaching out — how can we help?', reactions: [] }]);
  assert.deepEqual(first.handles.map((h) => [h.handle, h.is_me, h.status]), [[to[0], false, 'active'], [first.from, true, 'active']]);
  assert.ok(!Number.isNaN(Date.parse(first.message.created_at)));

  const again = await client.messages.create({ to, message: { parts: [text('again')] } });
  assert.equal(again.from_selection.reason, 'reused_active_chat');
  assert.equal(again.created_new_chat, false);
  assert.deepEqual([again.chat_id, again.from], [first.chat_id, first.from]);
});

test('a message is read back, with why', async () => {
  const sent = await client.messages.create({ to: [somebody()], message: { parts: [text('read me back')] } });
  const shown = await client.messages.retrieve(sent.message.id);
  assert.deepEqual([shown.id, shown.chat_id, shown.from, shown.is_from_me], [sent.message.id, sent.chat_id, sent.from, true]);
  assert.ok(['pending', 'sent'].includes(shown.delivery_status), shown.delivery_status);
  assert.equal(shown.created_at, sent.message.created_at);
  assert.equal(shown.explanation.branch, 'new_best_number');
  assert.match(shown.explanation.text, /picked: \+/);
  await assert.rejects(client.messages.retrieve(randomUUID()), (e) => e.status === 404 && e.error.error.code === 2002);
});

test('a group, in any order and repeated', async () => {
  const [a, b] = [somebody(), somebody()];
  const first = await client.messages.create({ to: [b, 'ann@example.com', a], message: { parts: [text('all', { mention: a, mention_range: [0, 3] })] } });
  assert.equal(first.is_group, true);
  assert.equal(first.handles.length, 4);
  const [all] = first.message.parts;
  assert.deepEqual([all.mention, all.mention_range], [a, [0, 3]]);
  assert.deepEqual(all.mentions, [{ handle: a, is_me: false, range: [0, 3] }]);
  const again = await client.messages.create({ to: [a, a, b, 'Ann@Example.COM'], message: { parts: [text('all')] } });
  assert.equal(again.chat_id, first.chat_id);
});

test('every documented part', async () => {
  const card = {
    type: 'imessage_app', url: 'https://example.com/game/1', fallback_text: 'Open the game',
    app: { name: 'Chess', bundle_id: 'com.example.chess.messages', team_id: 'A1B2C3D4E5', app_store_id: 123456789 },
    layout: { caption: 'Your move', subcaption: 'Round 3', trailing_caption: 'now', trailing_subcaption: 'soon' },
  };
  const attachment = randomUUID();
  for (const [parts, check] of [
    [[text('Hello!', { text_decorations: [{ range: [0, 5], animation: 'shake' }, { range: [5, 6], style: 'bold' }] })],
      ([p]) => assert.deepEqual(p.text_decorations, [{ range: [0, 5], animation: 'shake' }, { range: [5, 6], style: 'bold' }])],
    [[text('Two files'), { type: 'media', url: 'https://example.com/a/receipt.pdf' }, { type: 'media', attachment_id: attachment }],
      ([, url, id]) => {
        assert.deepEqual([url.filename, url.mime_type, url.url], ['receipt.pdf', 'application/pdf', 'https://example.com/a/receipt.pdf']);
        assert.equal(id.id, attachment);
      }],
    [[{ type: 'link', value: 'https://example.com/offer' }], ([p]) => assert.equal(p.value, 'https://example.com/offer')],
    [[text('Hi :)', { inline_stickers: [{ range: [3, 5], attachment_id: attachment }] }), { type: 'media', url: 'https://example.com/a.png', sticker: true }],
      ([p]) => assert.deepEqual(p.inline_stickers, [{ range: [3, 5], id: attachment }])],
    [[{ type: 'app_clip', value: 'https://example.com/clip', caption: 'Pay' }], ([p]) => assert.equal(p.value, 'https://example.com/clip')],
    [[card], ([p]) => assert.deepEqual(p, { ...card, reactions: [] })],
  ]) {
    const sent = await client.messages.create({ to: [somebody()], message: { parts } });
    assert.deepEqual(sent.message.parts.map((p) => p.type), parts.map((p) => p.type));
    for (const part of sent.message.parts) assert.deepEqual(part.reactions, []);
    check(sent.message.parts);
  }
});

test('effect, reply and preferred service', async () => {
  const to = [somebody()];
  const first = await client.messages.create({ to, message: { parts: [text('one')], preferred_service: 'iMessage', effect: { type: 'screen', name: 'confetti' } } });
  assert.deepEqual(first.message.effect, { type: 'screen', name: 'confetti' });
  assert.deepEqual([first.service, first.message.preferred_service], ['iMessage', 'iMessage']);
  const reply = { message_id: first.message.id, part_index: 0 };
  const answer = await client.messages.create({ to, message: { parts: [text('two')], reply_to: reply } });
  assert.deepEqual(answer.message.reply_to, reply);
});

test('failover, with and without continuation', async () => {
  for (const continuation of [undefined, { text: 'Hi, it is us from a new number.' }]) {
    const to = [somebody()];
    const message = { parts: [text('As I was saying')], effect: { name: 'slam' } };
    const first = await client.messages.create({ to, message, continuation_message: continuation });
    assert.equal(first.message.parts[0].value, 'As I was saying', 'first contact ignores it');
    await report(first.from, 'FLAGGED');
    const moved = await client.messages.create({ to, message, continuation_message: continuation });
    assert.equal(moved.from_selection.reason, 'failover_flagged');
    assert.equal(moved.previous_chat_id, first.chat_id);
    assert.notEqual(moved.from, first.from);
    assert.notEqual(moved.chat_id, first.chat_id);
    assert.equal(moved.message.parts.length, 1);
    assert.equal(moved.message.parts[0].value, continuation?.text ?? 'As I was saying');
    assert.equal(moved.message.effect?.name, continuation ? undefined : 'slam');
    const reused = await client.messages.create({ to, message, continuation_message: continuation });
    assert.equal(reused.chat_id, moved.chat_id);
    assert.equal(reused.message.parts[0].value, 'As I was saying', 'a reuse ignores it');
    await report(first.from, 'ACTIVE', new Date(Date.now() + 1));
  }
});

test('exclude_from, which the pinned client passes on without knowing it', async () => {
  const all = (await client.phoneNumbers.list()).phone_numbers.map((n) => n.phone_number);
  const sent = await client.messages.create({ to: [somebody()], exclude_from: all.slice(1), message: { parts: [text('hi')] } });
  assert.equal(sent.from, all[0]);
  await assert.rejects(client.messages.create({ to: [somebody()], exclude_from: all, message: { parts: [text('hi')] } }), LinqAPIV3.BadRequestError);
});

test('idempotency keys in the header and in the body', async () => {
  const to = [somebody()];
  const key = randomUUID();
  const first = await client.messages.create({ to, message: { parts: [text('once')] }, 'Idempotency-Key': key });
  const { data, response } = await client.messages.create({ to, message: { parts: [text('once')] }, 'Idempotency-Key': key }).withResponse();
  assert.deepEqual(data, first);
  assert.equal(response.headers.get('idempotent-replayed'), 'true');
  assert.deepEqual(await client.messages.create({ to, message: { parts: [text('once')], idempotency_key: key } }), first);
  await assert.rejects(client.messages.create({ to, message: { parts: [text('twice')] }, 'Idempotency-Key': key }), LinqAPIV3.BadRequestError);
});

/** What the client throws, with the code and message of the server. */
async function thrown(promise) {
  try {
    await promise;
  } catch (e) {
    return { class: e.constructor, status: e.status, code: e.error?.error?.code, message: e.error?.error?.message, shown: e.message, retryAfter: e.error?.error?.retry_after, headers: e.headers };
  }
  assert.fail('nothing was thrown');
}

// Every code that a client can meet, with the class that it must surface as, and the message where the API documents it. 2019 is answered to events alone;
// 1007, 2015, 3006 and 4004 have tests of their own.
const gated = new LinqAPIV3({ apiKey: env('FROMLINE_GATED_TOKEN'), baseURL: embedded, maxRetries: 0 });
const landless = new LinqAPIV3({ apiKey: env('FROMLINE_LANDLESS_TOKEN'), baseURL: embedded, maxRetries: 0 });
const stranger = new LinqAPIV3({ apiKey: 'not a token that is known', baseURL: direct, maxRetries: 0 });
const card = (layout) => ({ type: 'imessage_app', url: 'https://example.com', app: { name: 'A', bundle_id: 'a', team_id: 'A1B2C3D4E5' }, layout: { caption: 'x', ...layout } });
const clip = { type: 'app_clip', value: 'https://example.com/clip' };
const send = (from, to, message) => from.messages.create({ to: [to], message: { parts: [text('hi')], ...message } });
const { BadRequestError, AuthenticationError, PermissionDeniedError, NotFoundError, ConflictError } = LinqAPIV3;

for (const [code, thrownClass, message, provoke] of [
  [1001, BadRequestError, null, () => client.messages.create({ to: [somebody()] })],
  [1002, BadRequestError, 'Phone number must be in E.164 format', () => send(client, '4155551234')],
  [1003, BadRequestError, null, () => client.messages.create({ to: 5, message: { parts: [text('hi')] } })],
  [1004, BadRequestError, null, () => send(client, somebody(), { parts: [] })],
  [1005, BadRequestError, null, () => send(client, somebody(), { parts: [text('')] })],
  [1008, BadRequestError, null, () => send(client, somebody(), { parts: [card({ caption: 'x'.repeat(513) })] })],
  [5007, BadRequestError, null, () => send(gated, somebody(), { parts: [card({ image_url: 'https://example.com/a.png' })] })],
  [2004, AuthenticationError, 'Unauthorized - missing or invalid authentication token', () => stranger.phoneNumbers.list()],
  [2005, PermissionDeniedError, 'Access denied - insufficient permissions for this resource', () => send(landless, somebody())],
  [2005, PermissionDeniedError, 'Access denied - insufficient permissions for this resource', () => landless.phoneNumbers.list()],
  [2008, PermissionDeniedError, null, () => send(gated, '+14155552008')],
  [2024, PermissionDeniedError, null, () => send(gated, '+14155552024')],
  [2026, PermissionDeniedError, null, () => send(gated, '+14155552026')],
  [2001, NotFoundError, null, () => client.chats.retrieve(randomUUID())],
  [2018, ConflictError, null, () => send(client, somebody(), { parts: [card()], preferred_service: 'SMS' })],
  [2023, ConflictError, null, () => send(client, '+14155550123', { parts: [text('hi', { mention: '+14155550123' })] })],
  [2028, ConflictError, null, () => send(client, somebody(), { parts: [clip], preferred_service: 'RCS' })],
]) {
  test(`${code} is a ${thrownClass.name}`, async () => {
    const e = await thrown(provoke());
    assert.deepEqual([e.class, e.code], [thrownClass, code]);
    assert.ok(e.message && e.shown.includes(e.message), e.shown);
    if (message) assert.equal(e.message, message);
  });
}

test('what is ours is an InternalServerError, and repeated where that is safe', async () => {
  const broken = new LinqAPIV3({ apiKey: env('FROMLINE_BROKEN_TOKEN'), baseURL: embedded }); // retries as it does by default
  for (const params of [{}, { 'Idempotency-Key': randomUUID() }]) { // the Go test counts: once, and three times
    const e = await thrown(broken.messages.create({ to: [somebody()], message: { parts: [text('hi')] }, ...params }));
    assert.deepEqual([e.class, e.status, e.code, e.message], [LinqAPIV3.InternalServerError, 500, 3006, 'Internal server error']);
  }
  const stalled = { apiKey: env('FROMLINE_STALLED_TOKEN'), baseURL: embedded };
  const away = await thrown(send(new LinqAPIV3({ ...stalled, maxRetries: 0 }), somebody()));
  assert.deepEqual([away.class, away.status, away.code], [LinqAPIV3.InternalServerError, 503, 4004]);
  const sent = await send(new LinqAPIV3(stalled), somebody());
  assert.equal(sent.from_selection.reason, 'new_best_number');
});

test('a permanent conflict is not repeated', async () => {
  const headers = { 'x-fault-id': randomUUID() };
  const mention = text('hi', { mention: '+14155550123' });
  const direct = await thrown(stubborn.messages.create({ to: ['+14155550123'], message: { parts: [mention] } }, { headers }));
  assert.deepEqual([direct.class, direct.code], [LinqAPIV3.ConflictError, 2023]);
  assert.equal(await attempts(headers), 1);
});

test('over the rate, and no line', async () => {
  const hasty = new LinqAPIV3({ apiKey, baseURL: closed, maxRetries: 0 });
  await hasty.phoneNumbers.list();
  const rate = await thrown(hasty.phoneNumbers.list());
  assert.deepEqual([rate.class, rate.code], [LinqAPIV3.RateLimitError, 1007]);
  assert.ok(Number.isInteger(rate.retryAfter) && rate.retryAfter > 30, `retry_after is ${rate.retryAfter}`);
  assert.equal(rate.headers.get('retry-after'), String(rate.retryAfter));
  assert.equal(rate.headers.get('x-should-retry'), 'false', 'the client is not left to sleep for a quarter of an hour');

  const patient = new LinqAPIV3({ apiKey, baseURL: limited }); // waits as Retry-After says
  const line = (await patient.phoneNumbers.list()).phone_numbers[0].phone_number;
  const none = await thrown(patient.messages.create({ to: [line], message: { parts: [text('to ourselves')] } }));
  assert.deepEqual([none.class, none.code, none.message], [LinqAPIV3.ConflictError, 2015, 'no eligible sending line available']);
});

test('lines and chats', async () => {
  const { phone_numbers: numbers } = await client.phoneNumbers.list();
  assert.ok(numbers.length >= 3);
  for (const n of numbers) {
    assert.match(n.phone_number, /^\+[1-9][0-9]+$/);
    assert.ok(['HEALTHY', 'AT_RISK', 'CRITICAL'].includes(n.reputation.status));
    assert.equal(n.health_status.status, n.reputation.status);
    const page = await fetch(n.reputation.doc_url); // without a token
    assert.equal(page.status, 200);
    assert.match(await page.text(), new RegExp(n.reputation.status));
    assert.equal(typeof n.id, 'string');
  }
  const sent = await client.messages.create({ to: [somebody()], message: { parts: [text('hi')] } });
  const chat = await client.chats.retrieve(sent.chat_id);
  assert.deepEqual([chat.id, chat.is_group, chat.handles], [sent.chat_id, false, sent.handles]);
  assert.equal(chat.display_name, sent.handles[0].handle);
  assert.equal(chat.health_status.status, 'HEALTHY');
  assert.equal((await fetch(chat.health_status.doc_url)).status, 200);
});

test('a line that is named, and a chat that is named', async () => {
  const { phone_numbers: numbers } = await client.phoneNumbers.list();
  const from = numbers[1].phone_number;
  const to = [somebody()];
  const { chat } = await client.chats.create({ from, to, message: { parts: [text('from this line')] } });
  assert.deepEqual(chat.handles.map((h) => [h.handle, h.is_me]), [[to[0], false], [from, true]]);
  assert.deepEqual([chat.is_group, chat.message.delivery_status, chat.health_status.status], [false, 'pending', 'HEALTHY']);
  const again = await client.chats.create({ from, to, message: { parts: [text('again')] } });
  assert.equal(again.chat.id, chat.id);
  const sent = await client.chats.messages.send(chat.id, { message: { parts: [text('into it, https://example.com')], idempotency_key: 'into' } });
  assert.equal(sent.chat_id, chat.id);
  assert.deepEqual(await client.chats.messages.send(chat.id, { message: { parts: [text('into it, https://example.com')], idempotency_key: 'into' } }), sent);
  assert.equal((await client.messages.retrieve(sent.message.id)).chat_id, chat.id);
  await client.chats.typing.start(chat.id);
  await client.chats.typing.stop(chat.id);
  await client.chats.markAsRead(chat.id);
  await client.chats.shareContactCard(chat.id);
  for (const [code, thrownClass, provoke] of [
    [2006, PermissionDeniedError, () => client.chats.create({ from: '+12025550199', to, message: { parts: [text('hi')] } })],
    [1005, BadRequestError, () => client.chats.create({ from, to: [somebody()], message: { parts: [text('see https://example.com')] } })],
    [2001, NotFoundError, () => client.chats.messages.send(randomUUID(), { message: { parts: [text('hi')] } })],
    [2001, NotFoundError, () => client.chats.typing.start(randomUUID())],
  ]) {
    const e = await thrown(provoke());
    assert.deepEqual([e.class, e.code], [thrownClass, code]);
  }
});

test('chats are listed, page by page as the client walks them', async () => {
  const person = somebody();
  const { phone_numbers: numbers } = await client.phoneNumbers.list();
  const known = [];
  for (const n of numbers) {
    known.push((await client.chats.create({ from: n.phone_number, to: [person], message: { parts: [text('hi')] } })).chat.id);
    known.push((await client.chats.create({ from: n.phone_number, to: [person, 'group@example.com'], message: { parts: [text('all')] } })).chat.id);
  }
  const list = async (query) => {
    const ids = [];
    for await (const chat of client.chats.listChats(query)) ids.push(chat.id);
    assert.equal(new Set(ids).size, ids.length, 'each once');
    return ids;
  };
  assert.deepEqual(await list({ to: person, limit: 1 }), [...known].sort());
  assert.deepEqual(await list({ to: person, from: numbers[0].phone_number, limit: 5 }), known.slice(0, 2).sort());
  const all = await list({ limit: 3 });
  for (const id of known) assert.ok(all.includes(id));
  const e = await thrown(client.chats.listChats({ limit: 1000 }));
  assert.deepEqual([e.class, e.code], [BadRequestError, 1005]);
});

// What the pinned client has no methods for it can ask by path.
test('who is blocked is not written to', async () => {
  const handle = somebody();
  const { blocked_handle: first } = await client.post('/v3/blocked_handles', { body: { handle, reason: 'asked us' } });
  assert.deepEqual([first.handle, first.reason], [handle, 'asked us']);
  assert.deepEqual((await client.post('/v3/blocked_handles', { body: { handle } })).blocked_handle, first);
  assert.ok((await client.get('/v3/blocked_handles')).blocked_handles.some((b) => b.handle === handle));
  const e = await thrown(send(client, handle));
  assert.deepEqual([e.class, e.code], [PermissionDeniedError, 2026]);
  for (let i = 0; i < 2; i++) await client.delete('/v3/blocked_handles', { body: { handle } });
  assert.equal((await send(client, handle)).created_new_chat, true);
});

test('the available number is the one of the next message', async () => {
  const to = [somebody()];
  const before = await client.get('/v3/available_number', { query: { to } });
  assert.match(await (await fetch(before.vcf_url)).text(), /^BEGIN:VCARD\r\n/);
  const sent = await client.messages.create({ to, message: { parts: [text('hi')] } });
  assert.equal(sent.from, before.phone_number);
  const other = await client.get('/v3/available_number', { query: { to: to[0], exclude_from: sent.from } });
  assert.notEqual(other.phone_number, sent.from);
});

test('what the vendor has and we have not is refused by name, and not repeated', async () => {
  for (const [what, provoke] of [
    ['PUT /v3/chats/{id}', () => client.chats.update(randomUUID(), { display_name: 'Dinner' })],
    ['GET /v3/webhook-subscriptions', () => client.webhookSubscriptions.list()],
    ['POST /v3/messages/{id}/reactions', () => client.messages.addReaction(randomUUID(), { operation: 'add', type: 'love' })],
    ['POST /v3/attachments', () => client.attachments.create({ filename: 'a.png', content_type: 'image/png', size_bytes: 1 })],
  ]) {
    const e = await thrown(provoke());
    assert.deepEqual([e.class, e.code], [PermissionDeniedError, 2011]);
    assert.ok(e.message.includes(what), e.message);
  }
});

/** How often the proxy saw a request. */
async function attempts(headers) {
  return Number(await (await fetch(`${faulty}/attempts/${headers['x-fault-id']}`)).text());
}

// Faults between client and server, two at most in a row, as the client gives up
// after its second retry. "before" and "after" cut the connection before or after
// the server got the request; the numbers are answers of something in between.
const faults = ['before', 'after', '408', '409', '429', '500', '502', '503', '504', 'half'];

test('retries of keyed sends never send twice', async () => {
  const schedules = faults.flatMap((a) => [[a], ...faults.map((b) => [a, b])]);
  await Promise.all(schedules.map(async (schedule, i) => {
    const headers = { 'x-fault-id': randomUUID(), 'x-faults': schedule.join(',') };
    const value = `keyed ${i}`;
    const key = randomUUID();
    const params = i % 2 ? { 'Idempotency-Key': key, message: { parts: [text(value)] } } : { message: { parts: [text(value)], idempotency_key: key } };
    const to = [`+1628555${String(1000 + i).padStart(4, '0')}`];
    const sent = await stubborn.messages.create({ to, ...params }, { headers });
    assert.equal(sent.message.parts[0].value, value);
    assert.equal(await attempts(headers), schedule.length + 1);
    const { data, response } = await client.messages.create({ to, ...params }).withResponse();
    assert.equal(response.headers.get('idempotent-replayed'), 'true');
    assert.equal(data.message.id, sent.message.id);
  }));
});

test('what an unkeyed retry risks', async () => {
  // The documentation says so: without a key a lost answer makes two messages.
  const headers = { 'x-fault-id': randomUUID(), 'x-faults': 'after' };
  const sent = await stubborn.messages.create({ to: [somebody()], message: { parts: [text('unkeyed')] } }, { headers });
  assert.equal(sent.from_selection.reason, 'reused_active_chat', 'the first one was decided too');
});

test('faults that do not end surface as errors of the client', async () => {
  const give = async (fault) => thrown(stubborn.messages.create(
    { to: [somebody()], message: { parts: [text('never')] } }, { headers: { 'x-fault-id': randomUUID(), 'x-faults': [fault, fault, fault].join(',') } }));
  assert.equal((await give('503')).class, LinqAPIV3.InternalServerError);
  assert.equal((await give('before')).class, LinqAPIV3.APIConnectionError);
});

after(() => {
  // Keep-alive connections of the client would keep the process for a while.
  setImmediate(() => process.exit());
});
