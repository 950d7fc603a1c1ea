package chat

import (
	b64 "encoding/base64"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/carrier"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// carried reports whether a signature is one that the gateway carries.
func carried(signature jsonlit.Value) bool { return carrier.Is(jsonlit.Inner(signature)) }

// writeDetail writes an element of reasoning_details, OpenRouter's list of what
// clients shall bring back, with state that the gateway carries. callID is the
// call's that the state belongs to, "" when it belongs to none.
func writeDetail(w *jsonlit.Writer, signature jsonlit.Value, callID string, index int) {
	w.Object()
	w.StringField("type", "reasoning.encrypted")
	w.StringField("format", "gw1")
	w.Key("id")
	if callID == "" {
		w.Null()
	} else {
		w.String(callID)
	}
	w.IntField("index", int64(index))
	w.LiteralField("data", signature)
	w.EndObject()
}

// writeDetails writes the state of an answer's parts.
func writeDetails(w *jsonlit.Writer, parts []translate.Part) {
	n := 0
	for i := range parts {
		p := &parts[i]
		if !carried(p.Signature) {
			continue
		}
		if n == 0 {
			w.Key("reasoning_details")
			w.Array()
		}
		id := ""
		if p.Call != nil {
			id = p.Call.ID
		}
		writeDetail(w, p.Signature, id, n)
		n++
	}
	if n > 0 {
		w.EndArray()
	}
}

// nativeSignature returns a call's signature as Google's own Chat endpoint tells
// it; nil when it is another vendor's.
func nativeSignature(signature jsonlit.Value) jsonlit.Value {
	if !carried(signature) {
		return signature
	}
	if c, ok := carrier.Parse(jsonlit.Inner(signature)); ok && c.Vendor == carrier.Google {
		return jsonlit.AppendQuote(nil, c.Payload)
	}
	return nil
}

// state writes the state of a block: in reasoning_details, and a call's in
// Google's own place as well. Signatures of other parts that the gateway does
// not carry are of no use to clients.
func (e *streamEncoder) state(dst []byte, b *answerBlock, signature jsonlit.Value) []byte {
	if len(signature) <= 2 {
		return dst
	}
	if carried(signature) {
		c := &e.choices[b.choice]
		w := jsonlit.NewWriter(append(e.open(dst, b.choice), `{"reasoning_details":[`...))
		writeDetail(&w, signature, b.id, c.details)
		c.details++
		dst = e.shut(append(w.Bytes(), `]}`...))
	}
	native := nativeSignature(signature)
	if b.kind != translate.ToolCall || native == nil || e.functions {
		return dst
	}
	dst = e.openCall(dst, b)
	if b.custom {
		dst = append(dst, `,"custom":{"input":""}`...)
	} else {
		dst = append(dst, `,"function":{"arguments":""}`...)
	}
	w := jsonlit.NewWriter(append(dst, `,"extra_content":`...))
	writeSignature(&w, native)
	return e.shut(append(w.Bytes(), `}]}`...))
}

// writeState writes what an assistant message of the history holds of the
// server's own state, as RestoreState has put it back: OpenRouter's details as
// they came.
func writeState(w *jsonlit.Writer, parts []translate.Part) {
	n := 0
	for i := range parts {
		p := &parts[i]
		if p.Kind != translate.Thinking {
			continue
		}
		list, err := b64.RawURLEncoding.AppendDecode(nil, jsonlit.Inner(p.Signature))
		if err != nil || !jsonlit.Valid(list) {
			continue
		}
		for detail := range jsonlit.Elements(list) {
			if n == 0 {
				w.Key("reasoning_details")
				w.Array()
			}
			w.Raw(detail)
			n++
		}
	}
	if n > 0 {
		w.EndArray()
	}
}
