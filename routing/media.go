package routing

import (
	"net/url"
	"path"
	"strings"

	"github.com/google/uuid"

	"github.com/fromline/fromline/message"
)

// describe says of a media part what the part itself tells: the id that was
// given or else the one derived, the last segment of the URL's path as the
// name, and a type guessed from its extension (§4). Nothing is fetched.
func describe(p *message.MediaPart, derived uuid.UUID) message.Media {
	m := message.Media{ID: derived, Filename: "attachment", MimeType: "application/octet-stream"}
	if p.AttachmentID != nil {
		if id, err := uuid.Parse(*p.AttachmentID); err == nil {
			m.ID = id
		}
	}
	if p.URL == nil {
		return m
	}
	m.URL = *p.URL
	u, err := url.Parse(m.URL)
	if err != nil {
		return m
	}
	if name := path.Base(u.Path); name != "." && name != "/" {
		m.Filename = name
	}
	if guess, known := mimeTypes[strings.ToLower(path.Ext(m.Filename))]; known {
		m.MimeType = guess
	}
	return m
}

// mimeTypes are the types of the files that people send, by extension. The
// table is our own because package mime asks the operating system, and then
// the same message would be described differently on two machines. The types
// are those of the IANA registry.
var mimeTypes = map[string]string{
	".3gp":  "video/3gpp",
	".aac":  "audio/aac",
	".amr":  "audio/AMR",
	".avif": "image/avif",
	".bmp":  "image/bmp",
	".caf":  "audio/x-caf",
	".csv":  "text/csv",
	".doc":  "application/msword",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".flac": "audio/flac",
	".gif":  "image/gif",
	".heic": "image/heic",
	".heif": "image/heif",
	".htm":  "text/html",
	".html": "text/html",
	".ics":  "text/calendar",
	".jpeg": "image/jpeg",
	".jpg":  "image/jpeg",
	".json": "application/json",
	".m4a":  "audio/mp4",
	".m4v":  "video/x-m4v",
	".mov":  "video/quicktime",
	".mp3":  "audio/mpeg",
	".mp4":  "video/mp4",
	".mpeg": "video/mpeg",
	".ogg":  "audio/ogg",
	".opus": "audio/ogg",
	".pdf":  "application/pdf",
	".png":  "image/png",
	".ppt":  "application/vnd.ms-powerpoint",
	".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	".rtf":  "application/rtf",
	".svg":  "image/svg+xml",
	".tif":  "image/tiff",
	".tiff": "image/tiff",
	".txt":  "text/plain",
	".vcf":  "text/vcard",
	".wav":  "audio/wav",
	".webm": "video/webm",
	".webp": "image/webp",
	".xls":  "application/vnd.ms-excel",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".zip":  "application/zip",
}
