package imagecheck

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// sniffed is how many bytes of an image are looked at.
const sniffed = 512

// isImage reports whether b, the first bytes of a file, begins a JPEG, PNG,
// WebP or HEIF image. The first part behind the mark of the kind has to be
// there: a file that ends with the mark, such as a JPEG of three bytes, shows
// as nothing, and a card with it would go out empty. What comes later is not
// read, so an image that is damaged further on passes.
func isImage(b []byte) bool {
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return isSegment(b[3:])
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return len(b) >= 16 && string(b[12:16]) == "IHDR"
	case len(b) >= 16 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP":
		return string(b[12:15]) == "VP8"
	}
	return isHEIF(b)
}

// isSegment reports whether b continues, after a first 0xff, as a marker of a
// JPEG with the length of what it marks. More 0xff before a marker are allowed.
func isSegment(b []byte) bool {
	for len(b) > 0 && b[0] == 0xff {
		b = b[1:]
	}
	if len(b) < 3 || b[0] < 0xc0 || 0xd0 <= b[0] && b[0] <= 0xd9 { // these have no length and come later
		return false
	}
	return binary.BigEndian.Uint16(b[1:]) >= 2 // it counts itself
}

// Brands of the file type box (ISO/IEC 14496-12, section 4.3) as ISO/IEC
// 23008-12 gives them to HEIF images coded with HEVC and to HEIF in general,
// and as the image format of AV1 has them, which shares the general ones.
var (
	brandsHEVC    = []string{"heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"}
	brandsGeneral = []string{"mif1", "msf1"}
	brandsAVIF    = []string{"avif", "avis"}
)

// isHEIF reports whether b begins with a file type box that names HEIF, and not
// only AVIF.
func isHEIF(b []byte) bool {
	const header = 16 // size, "ftyp", major brand, minor version
	if len(b) < header || string(b[4:8]) != "ftyp" {
		return false
	}
	size := binary.BigEndian.Uint32(b)
	if size < header || size%4 != 0 {
		return false
	}
	major := string(b[8:12])
	var compatible []string
	for at := header; at+4 <= min(int(min(size, sniffed)), len(b)); at += 4 {
		compatible = append(compatible, string(b[at:at+4]))
	}
	names := func(brands []string) bool {
		return slices.ContainsFunc(compatible, func(brand string) bool { return slices.Contains(brands, brand) })
	}
	switch {
	case slices.Contains(brandsHEVC, major):
		return true
	case slices.Contains(brandsGeneral, major):
		return names(brandsHEVC) || !names(brandsAVIF)
	}
	return names(brandsHEVC) && !slices.Contains(brandsAVIF, major)
}
