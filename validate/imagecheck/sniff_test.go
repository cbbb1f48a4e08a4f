package imagecheck

import (
	"bytes"
	"encoding/binary"
	"image"
	imagejpeg "image/jpeg"
	imagepng "image/png"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIsImage(t *testing.T) {
	var realJPEG, realPNG bytes.Buffer
	require.NoError(t, imagejpeg.Encode(&realJPEG, image.NewGray(image.Rect(0, 0, 1, 1)), nil))
	require.NoError(t, imagepng.Encode(&realPNG, image.NewGray(image.Rect(0, 0, 1, 1))))
	for name, row := range map[string]struct {
		b    []byte
		want bool
	}{
		"a JPEG that was encoded":           {realJPEG.Bytes(), true},
		"a PNG that was encoded":            {realPNG.Bytes(), true},
		"WebP":                              {webp, true},
		"HEIC":                              {heic, true},
		"HEIC with its brand last":          {ftyp("mif1", "miaf", "heic"), true},
		"HEIF of no coding that is named":   {ftyp("mif1", "miaf"), true},
		"a sequence":                        {ftyp("hevc", "msf1"), true},
		"a burst":                           {ftyp("msf1"), true},
		"HEIC under a brand of a vendor":    {ftyp("MiHE", "mif1", "heic"), true},
		"AVIF":                              {ftyp("avif", "mif1", "miaf"), false},
		"AVIF under the general brand":      {ftyp("mif1", "avif", "miaf"), false},
		"AVIF that says HEIC too":           {ftyp("avif", "heic"), false},
		"a film":                            {ftyp("isom", "mp42"), false},
		"a box with a size that is odd":     {append([]byte{0, 0, 0, 17}, ftyp("heic")[4:]...), false},
		"a box with a size that is nothing": {append([]byte{0, 0, 0, 0}, ftyp("heic")[4:]...), false},
		"a box that is cut off":             {ftyp("heic")[:12], false},
		"a JPEG with bytes that fill":       {[]byte("\xff\xd8\xff\xff\xff\xdb\x00\x43"), true},
		"a JPEG of three bytes":             {[]byte("\xff\xd8\xff"), false},
		"a JPEG that ends at once":          {[]byte("\xff\xd8\xff\xd9\x00\x00"), false},
		"a JPEG with a length of nothing":   {[]byte("\xff\xd8\xff\xe0\x00\x01JFIF"), false},
		"a PNG of its signature":            {png[:8], false},
		"a PNG that begins with text":       {[]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rtEXt"), false},
		"a WebP of its signature":           {webp[:12], false},
		"a WebP of another kind":            {[]byte("RIFF\x24\x00\x00\x00WEBPICCP"), false},
		"nothing":                           {nil, false},
		"RIFF of another kind":              {[]byte("RIFF\x00\x00\x00\x00WAVEfmt "), false},
		"text":                              {[]byte("hello"), false},
	} {
		require.Equal(t, row.want, isImage(row.b), name)
	}
}

// An image that is cut off within its first part is none, and from there on it
// is one, wherever it is cut.
func TestIsImageOfBeginnings(t *testing.T) {
	var realJPEG, realPNG bytes.Buffer
	require.NoError(t, imagejpeg.Encode(&realJPEG, image.NewGray(image.Rect(0, 0, 1, 1)), nil))
	require.NoError(t, imagepng.Encode(&realPNG, image.NewGray(image.Rect(0, 0, 1, 1))))
	for name, row := range map[string]struct {
		b    []byte
		from int
	}{
		"JPEG": {realJPEG.Bytes(), 6},
		"PNG":  {realPNG.Bytes(), 16},
		"WebP": {webp, 16},
		"HEIC": {heic, 16},
	} {
		for n := range len(row.b) {
			require.Equal(t, n >= row.from, isImage(row.b[:n]), "%s, %d bytes", name, n)
		}
	}
}

// Whatever comes, nothing panics; and what the standard library does not take
// for an image is none.
func FuzzIsImage(f *testing.F) {
	for _, b := range [][]byte{jpeg, png, webp, heic, ftyp("avif", "mif1"), nil} {
		f.Add(b)
	}
	f.Add(binary.BigEndian.AppendUint32(nil, 1<<31))
	f.Add([]byte("\x00\x00\x01\x00ftypheicmif1heic")) // 256 bytes of file type, and the mark of an icon
	f.Fuzz(func(t *testing.T, b []byte) {
		got := isImage(b)
		switch http.DetectContentType(b) {
		case "image/jpeg", "image/png", "image/webp": // it looks at the mark alone
			require.False(t, got && len(b) < 6)
		case "text/html; charset=utf-8", "image/gif", "application/pdf", "application/zip", "application/x-gzip", "image/bmp":
			require.False(t, got)
		case "image/x-icon": // its mark is also the size of a file type box
			require.False(t, got && string(b[4:8]) != "ftyp")
		}
	})
}
