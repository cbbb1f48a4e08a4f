package message

import (
	"bytes"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// reader is a decoder for reuse, with the library's decoder and the buffer that
// this one reads from.
type reader struct {
	decoder
	library *jsontext.Decoder
	buffer  bytes.Buffer
	spent   int
}

// readers are reused, as json.Unmarshal reuses decoders. That does the same,
// but asks first what type it is to decode.
var readers = sync.Pool{New: func() any {
	r := new(reader)
	r.library = jsontext.NewDecoder(&r.buffer) // whose defaults are strict
	return r
}}

// read lets a copy of d read input, and returns where it came to.
func (d decoder) read(input []byte, do func(*decoder) error) (end int64, err error) {
	r := readers.Get().(*reader)
	r.buffer = *bytes.NewBuffer(input)
	r.decoder = d
	r.dec, r.input = r.library, string(input)
	if d.spent == nil {
		r.decoder.spent = &r.spent
	}
	err = do(&r.decoder)
	end = r.library.InputOffset()
	*r = reader{library: r.library}
	r.library.Reset(&r.buffer) // lets go of the input
	readers.Put(r)
	return end, err
}
