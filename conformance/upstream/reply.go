package upstream

import "net/http"

// Reply is what an account answers to one request, in words that belong to no dialect. Exactly one of Pieces, Fault
// and Raw is the substance; Broken may follow Pieces.
type Reply struct {
	// Pieces are the parts of the model's turn, in order.
	Pieces []Piece
	// Stop says why the turn ended. The zero value is EndTurn, or ToolUse if Pieces hold a call.
	Stop Stop
	// StopSequence is the sequence that was hit, for Stop == StopSequence.
	StopSequence string
	// Usage is reported where the dialect reports it.
	Usage Usage
	// Fault answers with an error status instead of a turn.
	Fault *Fault
	// Broken ends a stream after Pieces with the dialect's error frame on a 200; with no Pieces it is the first frame.
	Broken *Fault
	// Raw answers with the given bytes.
	Raw *Raw
	// Cut ends the body early.
	Cut *Cut
	// Header is added to the answer.
	Header http.Header
}

// Stop is a reason to end a turn.
type Stop string

// The reasons that every dialect can tell, each in its own word.
const (
	EndTurn         Stop = "end_turn"
	ToolUse         Stop = "tool_use"
	Length          Stop = "length"
	StopSequenceHit Stop = "stop_sequence"
	Filtered        Stop = "filtered"
)

// Usage counts tokens. In includes cached and cache-written tokens, Out includes reasoning.
type Usage struct{ In, CacheRead, CacheWrite, Out, Reason int }

// Kind tells pieces apart.
type Kind string

// The kinds of [Piece].
const (
	KindText     Kind = "text"
	KindThinking Kind = "thinking"
	KindCall     Kind = "call"
)

// Piece is one part of a turn. A stream sends each of Deltas in a frame of its own, as far as the dialect streams that
// kind of part at all (Gemini sends calls whole).
type Piece struct {
	Kind   Kind
	Deltas []string
	// Signature is the opaque state of thinking (Anthropic: signature, OpenAI: encrypted_content) or of a Gemini call
	// (thoughtSignature); dialects without one leave it out. It must be standard base64 for Gemini.
	Signature string
	// ID and Name are a call's. Dialects without call ids leave the id out.
	ID, Name string
	// Custom marks a Responses custom tool call, whose Deltas are free text.
	Custom bool
	// Wait, if set, holds back the frames of this piece until it is closed or the caller leaves.
	Wait <-chan struct{}
}

// Say is a text piece.
func Say(deltas ...string) Piece { return Piece{Kind: KindText, Deltas: deltas} }

// Think is a thinking piece.
func Think(signature string, deltas ...string) Piece {
	return Piece{Kind: KindThinking, Deltas: deltas, Signature: signature}
}

// Use is a function call whose arguments, a JSON object, arrive in the given pieces.
func Use(id, name string, args ...string) Piece {
	return Piece{Kind: KindCall, ID: id, Name: name, Deltas: args}
}

// After holds the piece back until ch is closed.
func (p Piece) After(ch <-chan struct{}) Piece { p.Wait = ch; return p }

// Signed gives the piece opaque state.
func (p Piece) Signed(signature string) Piece { p.Signature = signature; return p }

// All is the piece's whole content.
func (p Piece) All() string {
	n := ""
	for _, d := range p.Deltas {
		n += d
	}
	return n
}

// stop is the reason that the reply ends with.
func (r Reply) stop() Stop {
	if r.Stop != "" {
		return r.Stop
	}
	for _, p := range r.Pieces {
		if p.Kind == KindCall {
			return ToolUse
		}
	}
	return EndTurn
}

// Raw is an answer given byte by byte.
type Raw struct {
	Status      int
	ContentType string
	Body        []byte
}

// Cut ends an answer's body after At bytes: with a broken connection, or, if Clean, with a regular end of body, which
// is the harder case because only the dialect's grammar can tell.
type Cut struct {
	At    int
	Clean bool
}
