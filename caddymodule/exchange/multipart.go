package exchange

import (
	"bytes"
	"mime"
	"strings"
)

// formField finds the value of a form's field in the beginning of a
// multipart/form-data body (RFC 7578). It is found only when the delimiter
// behind it is there too.
func formField(body []byte, boundary, name string) (span [2]int, found bool) {
	delimiter := []byte("\r\n--" + boundary)
	at := 0 // behind a delimiter
	if bytes.HasPrefix(body, delimiter[2:]) {
		at = len(delimiter) - 2
	} else if at = nextDelimiter(body, 0, delimiter) + len(delimiter); at < len(delimiter) {
		return span, false
	}
	for {
		size := bytes.Index(body[at:], []byte("\r\n\r\n"))
		if size < 0 || bytes.HasPrefix(body[at:], []byte("--")) {
			return span, false
		}
		start := at + size + len("\r\n\r\n")
		end := nextDelimiter(body, start, delimiter)
		if end < 0 {
			return span, false
		}
		if partName(body[at:at+size]) == name {
			return [2]int{start, end}, true
		}
		at = end + len(delimiter)
	}
}

// nextDelimiter returns where the next delimiter starts, -1 when there is none.
// What only begins like one is content.
func nextDelimiter(body []byte, from int, delimiter []byte) int {
	for {
		i := bytes.Index(body[from:], delimiter)
		if i < 0 {
			return -1
		}
		i += from
		behind := body[i+len(delimiter):]
		for _, end := range []string{"\r\n", "--", " ", "\t"} {
			if bytes.HasPrefix(behind, []byte(end)) {
				return i
			}
		}
		from = i + len(delimiter)
	}
}

// partName returns the field's name of a part, from its header.
func partName(header []byte) string {
	for line := range bytes.SplitSeq(header, []byte("\r\n")) {
		name, value, ok := strings.Cut(string(line), ":")
		if !ok || !strings.EqualFold(name, "Content-Disposition") {
			continue
		}
		disposition, params, err := mime.ParseMediaType(value)
		if err == nil && disposition == "form-data" {
			return params["name"]
		}
	}
	return ""
}
