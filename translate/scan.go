package translate

import (
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// Envelope is what a gateway must know of a request before it chooses who
// answers it, found in one pass and without decoding it.
type Envelope struct {
	Model  string
	Span   [2]int // where the model's literal stands in the body; 0, 0 when absent
	Stream bool

	// Session is what the client itself calls its session, raw: metadata.user_id,
	// prompt_cache_key or a conversation id. Nil when it sends none.
	Session Value

	// Refers is the id of what the request builds on and its vendor keeps, raw: a
	// previous response or cached content. Nil when it refers to nothing.
	Refers Value

	// FirstTurn is the first user turn, raw; it tells sessions of one client apart.
	FirstTurn Value
}

// Scan validates a body and reads its envelope. turns names the member that
// holds the conversation. The error is of kind InvalidRequest: the body is no
// JSON object in valid UTF-8, a top-level member occurs twice, or a member's
// name is written with escapes (both would let the gateway read one model and
// the upstream another).
func Scan(body []byte, turns string) (Envelope, error) {
	var e Envelope
	if err := jsonlit.Check(body); err != nil {
		return e, BadRequest("", "%v", err)
	}
	if !jsonlit.IsObject(body) {
		return e, BadRequest("", "the body must be a JSON object")
	}
	var few [32][]byte // names seen; more than any honest request has
	names := few[:0]
	for m := range jsonlit.Members(body) {
		if m.Escaped() {
			return e, BadRequest(clip(string(m.Name)), "a member's name must be written without escapes")
		}
		for _, n := range names {
			if string(n) == string(m.Name) {
				return e, BadRequest(clip(string(n)), "the member occurs twice")
			}
		}
		names = append(names, m.Name)
		v := Value(body[m.Start:m.End:m.End])
		switch string(m.Name) {
		case "model":
			if !jsonlit.IsString(v) {
				return e, BadRequest("model", "must be a string")
			}
			e.Model, e.Span = jsonlit.Str(v), [2]int{m.Start, m.End}
		case "stream":
			if !jsonlit.Null(v) && v.Kind() != 't' && v.Kind() != 'f' {
				return e, BadRequest("stream", "must be a boolean")
			}
			e.Stream = jsonlit.True(v)
		case "prompt_cache_key", "session_id", "conversation_id":
			if e.Session == nil && jsonlit.IsString(v) {
				e.Session = v
			}
		case "previous_response_id", "cachedContent", "cached_content":
			if jsonlit.IsString(v) {
				e.Refers = v
			}
		case "metadata":
			if id := jsonlit.Get(v, "user_id"); jsonlit.IsString(id) {
				e.Session = id
			}
		case turns:
			e.FirstTurn = firstUser(v)
		}
	}
	return e, nil
}

// firstUser returns the first user turn of a conversation, or the whole of it
// when it is no list.
func firstUser(conversation Value) Value {
	if !jsonlit.IsArray(conversation) {
		return conversation
	}
	for turn := range jsonlit.Elements(conversation) {
		switch role := jsonlit.Get(turn, "role"); {
		case !jsonlit.IsObject(turn), jsonlit.Null(role) && jsonlit.Null(jsonlit.Get(turn, "type")):
			return turn
		case jsonlit.Str(role) == "user", jsonlit.Str(role) == "USER":
			return turn
		}
	}
	return nil
}
