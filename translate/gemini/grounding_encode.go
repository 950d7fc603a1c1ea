package gemini

import (
	"bytes"
	"slices"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// grounding gathers the citations and searches of a candidate for the
// genai.GroundingMetadata at its end.
type grounding struct {
	queries  []translate.Value
	chunks   []translate.Citation
	supports []support
}

// support is a span of the answer, in bytes, and the chunks that it rests on.
type support struct {
	part, start, end int
	chunks           []int
}

// cite takes a citation of a text that begins at the byte base of a part.
func (g *grounding) cite(c *translate.Citation, text *translate.Ruler, part, base int) {
	if len(c.URL) == 0 {
		return // a file that another vendor keeps
	}
	chunk := g.chunk(c)
	if c.End <= c.Start {
		return
	}
	s := support{part: part, start: base + text.BytesAt(c.Start), end: base + text.BytesAt(c.End)}
	for i := range g.supports {
		if old := &g.supports[i]; old.part == s.part && old.start == s.start && old.end == s.end {
			if !slices.Contains(old.chunks, chunk) {
				old.chunks = append(old.chunks, chunk)
			}
			return
		}
	}
	s.chunks = []int{chunk}
	g.supports = append(g.supports, s)
}

// search takes a search: what was asked for, and what was found.
func (g *grounding) search(s *translate.Search) {
	for _, q := range s.Queries {
		g.queries = append(g.queries, bytes.Clone(q))
	}
	for i := range s.Sources {
		g.chunk(&s.Sources[i])
	}
}

// chunk returns the place of a source among the chunks.
func (g *grounding) chunk(c *translate.Citation) int {
	for i := range g.chunks {
		if bytes.Equal(g.chunks[i].URL, c.URL) {
			return i
		}
	}
	g.chunks = append(g.chunks, translate.Citation{URL: bytes.Clone(c.URL), Title: bytes.Clone(c.Title)})
	return len(g.chunks) - 1
}

// append writes the groundingMetadata member, nothing when there is nothing to
// tell.
func (g *grounding) append(w *jsonlit.Writer) {
	if len(g.queries)+len(g.chunks) == 0 {
		return
	}
	w.Key("groundingMetadata")
	w.Object()
	if len(g.queries) > 0 {
		w.Key("webSearchQueries")
		w.Array()
		for _, q := range g.queries {
			w.Literal(q)
		}
		w.EndArray()
	}
	if len(g.chunks) > 0 {
		w.Key("groundingChunks")
		w.Array()
		for i := range g.chunks {
			w.Object()
			w.Key("web")
			w.Object()
			w.LiteralField("uri", g.chunks[i].URL)
			w.LiteralField("title", g.chunks[i].Title)
			w.EndObject()
			w.EndObject()
		}
		w.EndArray()
	}
	if len(g.supports) > 0 {
		w.Key("groundingSupports")
		w.Array()
		for i := range g.supports {
			g.supports[i].append(w)
		}
		w.EndArray()
	}
	w.EndObject()
}

func (s *support) append(w *jsonlit.Writer) {
	w.Object()
	w.Key("segment")
	w.Object()
	if s.part > 0 {
		w.IntField("partIndex", int64(s.part))
	}
	w.IntField("startIndex", int64(s.start))
	w.IntField("endIndex", int64(s.end))
	w.EndObject()
	w.Key("groundingChunkIndices")
	w.Array()
	for _, n := range s.chunks {
		w.Int(int64(n))
	}
	w.EndArray()
	w.EndObject()
}
