package main

import "bytes"

// replyEnd stands in the last delta of every scripted answer, so that a client can tell a whole one from a cut one.
const replyEnd = "[[reply-ends-here]]"

// streamEvents is the number of events in a scripted stream, its frame included.
const streamEvents = 50

// events is a scripted stream: what comes before the deltas, the deltas, what comes after them. Each element is one event
// with its blank line.
type events struct {
	open, deltas, end [][]byte
}

// all returns the events in their order.
func (e events) all() [][]byte {
	out := append([][]byte{}, e.open...)
	out = append(out, e.deltas...)
	return append(out, e.end...)
}

// replyTexts returns n deltas of a few words, the size in which models stream; the last one ends with replyEnd.
func replyTexts(n int) []string {
	const step = 14
	s := text(1, n*step)
	s = string(bytes.ToValidUTF8([]byte(s), []byte("?")))
	runes := []rune(s)
	out := make([]string, n)
	for i := range out {
		out[i] = string(runes[i*len(runes)/n : (i+1)*len(runes)/n])
	}
	out[n-1] += replyEnd
	return out
}

// streamOf returns the scripted stream of a dialect, with as many deltas as make streamEvents events.
func streamOf(d *dialect, model string) events {
	bare := d.stream(model, nil)
	return d.stream(model, replyTexts(streamEvents-len(bare.open)-len(bare.end)))
}

// plainOf returns the scripted plain answer of a dialect: the same text as the stream's.
func plainOf(d *dialect, model string) []byte { return d.plain(model, replyTexts(streamEvents-4)) }

// data frames an event that has no name.
func data(payload []byte) []byte {
	return append(append([]byte("data: "), payload...), "\n\n"...)
}

// named frames an event that has one.
func named(name string, payload []byte) []byte {
	return append([]byte("event: "+name+"\n"), data(payload)...)
}
