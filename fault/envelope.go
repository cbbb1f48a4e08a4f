package fault

// Envelope is the body of every answer that is not a success (docs/rules.md
// §14).
type Envelope struct {
	Success bool   `json:"success"` // always false
	Error   Body   `json:"error"`
	TraceID string `json:"trace_id,omitzero"` // 32 hexadecimal digits
}

// Body says what went wrong. Status, code, message and doc_url are what the
// endpoint documents; violations are an addition that clients may ignore.
type Body struct {
	Status     int         `json:"status"`
	Code       int         `json:"code"`
	Message    string      `json:"message"`
	DocURL     string      `json:"doc_url"`
	RetryAfter int64       `json:"retry_after,omitzero"` // seconds; of a rate limit only
	Violations []WireFault `json:"violations,omitempty"`
}

// WireFault is one fault of a request. Min, max and found are absent where they
// mean nothing.
type WireFault struct {
	Pointer string `json:"pointer"`         // RFC 6901; "" is the whole body
	Header  string `json:"header,omitzero"` // the header at fault, instead of a place in the body
	Rule    string `json:"rule"`            // stable
	Code    int    `json:"code"`
	Status  int    `json:"status"`
	Message string `json:"message"`
	Min     *int64 `json:"min,omitzero"`
	Max     *int64 `json:"max,omitzero"`
	Found   *int64 `json:"found,omitzero"`
	Value   string `json:"value,omitzero"`
	Nearest string `json:"nearest,omitzero"` // what was probably meant
}
