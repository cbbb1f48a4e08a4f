//go:build unix

package main

import (
	"io"
	"net/http"
	"strconv"
	"strings"
)

// metrics reads the metrics of the server, by name and labels; none if it has
// no metrics address.
func (s *server) metrics() (map[string]float64, error) {
	if s.ops == "" {
		return nil, nil
	}
	answer, err := http.Get("http://" + s.ops + "/metrics")
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	values := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		if name, value, found := strings.Cut(strings.TrimSpace(line), " "); found {
			values[name], _ = strconv.ParseFloat(value, 64)
		}
	}
	return values, nil
}
