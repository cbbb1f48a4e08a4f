package routing

import (
	"net/url"
	"path"
	"strings"

	"github.com/google/uuid"

	"github.com/fromline/fromline/message"
)

// describeMedia says what can be known of an attachment without looking at it
// (docs/rules.md §4): its id is that of the upload, or the one derived where
// there is none; its file name the last segment of the URL's path, or
// "attachment"; its type that of the file name's extension, or
// application/octet-stream; its size 0; its URL as given.
func describeMedia(address, uploaded *string, derived uuid.UUID) message.Media {
	m := message.Media{ID: derived, Filename: "attachment", MimeType: "application/octet-stream", URL: valueOf(address)}
	if uploaded != nil {
		m.ID, _ = uuid.Parse(*uploaded) // the rules want a UUID
	}
	if name := lastSegment(m.URL); name != "" {
		m.Filename = name
	}
	if t, known := mediaTypes[strings.ToLower(path.Ext(m.Filename))]; known {
		m.MimeType = t
	}
	return m
}

// mediaTypes are the MIME types of the kinds of files that the endpoint sends,
// by extension. It is a table of our own because that of the standard library
// depends on files of the machine, and one request must describe one attachment
// everywhere.
var mediaTypes = map[string]string{
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".heic": "image/heic", ".heif": "image/heif",
	".tif": "image/tiff", ".tiff": "image/tiff", ".bmp": "image/bmp", ".webp": "image/webp",

	".mp4": "video/mp4", ".mov": "video/quicktime", ".m4v": "video/x-m4v", ".mpeg": "video/mpeg", ".mpg": "video/mpeg", ".3gp": "video/3gpp",

	".m4a": "audio/mp4", ".mp3": "audio/mpeg", ".aac": "audio/aac", ".caf": "audio/x-caf", ".wav": "audio/wav", ".aiff": "audio/aiff", ".amr": "audio/amr",

	".pdf": "application/pdf", ".txt": "text/plain", ".rtf": "application/rtf", ".csv": "text/csv", ".html": "text/html", ".htm": "text/html",
	".doc": "application/msword", ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xls": "application/vnd.ms-excel", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".ppt": "application/vnd.ms-powerpoint", ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	".pages": "application/vnd.apple.pages", ".numbers": "application/vnd.apple.numbers", ".key": "application/vnd.apple.keynote",
	".epub": "application/epub+zip", ".zip": "application/zip",

	".vcf": "text/vcard", ".ics": "text/calendar",
}

// lastSegment returns the last segment of the path of a URL, percent-decoded;
// "" if the path ends in a slash or there is none.
func lastSegment(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	escaped := u.EscapedPath()
	name, err := url.PathUnescape(escaped[strings.LastIndexByte(escaped, '/')+1:])
	if err != nil || name == "." || name == ".." || strings.ContainsAny(name, "/\\\x00") {
		return ""
	}
	return strings.ToValidUTF8(name, "�")
}
