package gemini

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// sources are where an answer comes from, as a candidate tells them, usually
// with its last fragment: copies of the latest genai.GroundingMetadata and
// genai.CitationMetadata.
type sources struct {
	grounding, recited translate.Value
	cited              bool // the citations have been told
}

func (s *sources) note(grounding, recited jsonlit.Value) {
	if jsonlit.IsObject(grounding) && len(grounding) > len("{}") {
		s.grounding = append(s.grounding[:0], grounding...)
	}
	if jsonlit.IsObject(recited) {
		s.recited = append(s.recited[:0], recited...)
	}
}

// cite tells the citations of the open text. Google counts bytes of UTF-8 from
// the beginning of a part; in a stream, whose parts are pieces of one, from the
// beginning of the text.
func (d *decoder) cite(c *candidate, emit emitter) error {
	if c.cited || c.grounding == nil && c.recited == nil {
		return nil
	}
	c.cited = true
	chunks := groundingChunks(c.grounding)
	for _, support := range items(camelGet(c.grounding, "groundingSupports")) {
		segment := camelGet(support, "segment")
		start, end := c.span(segment, number32(segment, "partIndex"))
		for _, i := range items(camelGet(support, "groundingChunkIndices")) {
			if n, ok := jsonlit.Int(i); ok && n >= 0 && int(n) < len(chunks) {
				cited := chunks[n]
				cited.Start, cited.End = start, end
				if err := d.citation(c, &cited, emit); err != nil {
					return err
				}
			}
		}
	}
	list := camelGet(c.recited, "citations")
	if list == nil {
		list = camelGet(c.recited, "citationSources")
	}
	for _, v := range items(list) {
		cited, ok := source(v)
		if !ok {
			continue
		}
		cited.Start, cited.End = c.span(v, 0)
		if err := d.citation(c, &cited, emit); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) citation(c *candidate, cited *translate.Citation, emit emitter) error {
	d.ev = translate.Event{Type: translate.EventCitation, Block: c.block, Citation: cited}
	return emit(&d.ev)
}

// span reads startIndex and endIndex as code points of the open text; 0, 0 when
// they are not within it.
func (c *candidate) span(v jsonlit.Value, part int) (start, end int) {
	start, end = number32(v, "startIndex"), number32(v, "endIndex")
	if part < len(c.places) {
		start, end = start+c.places[part], end+c.places[part]
	}
	if start < 0 || end <= start || start >= c.ruler.Bytes() {
		return 0, 0
	}
	return c.ruler.RunesAt(start), c.ruler.RunesAt(end)
}

func number32(v jsonlit.Value, name string) int {
	_, n, err := integer("", camelGet(v, name))
	if err != nil || n < 0 || n > 1<<31 {
		return 0
	}
	return int(n)
}

// groundingChunks reads the sources that supports point to by their places.
func groundingChunks(grounding jsonlit.Value) (list []translate.Citation) {
	for _, chunk := range items(camelGet(grounding, "groundingChunks")) {
		var c translate.Citation
		for _, v := range jsonlit.Fields(chunk) { // web, retrievedContext, maps
			if found, ok := source(v); ok {
				c = found
			}
		}
		list = append(list, c)
	}
	return list
}

func source(v jsonlit.Value) (c translate.Citation, ok bool) {
	if c.URL = camelGet(v, "uri"); !jsonlit.IsString(c.URL) {
		return translate.Citation{}, false
	}
	if title := camelGet(v, "title"); jsonlit.IsString(title) {
		c.Title = title
	}
	return c, true
}

// search tells what Google searched for, and found, in a block of its own.
func (d *decoder) search(c *candidate, emit emitter) error {
	if c.grounding == nil {
		return nil
	}
	var s translate.Search
	for _, q := range items(camelGet(c.grounding, "webSearchQueries")) {
		if jsonlit.IsString(q) {
			s.Queries = append(s.Queries, q)
		}
	}
	for _, found := range groundingChunks(c.grounding) {
		if found.URL != nil {
			s.Sources = append(s.Sources, found)
		}
	}
	if len(s.Queries)+len(s.Sources) == 0 {
		return nil
	}
	finished := c.finished
	block := d.blocks
	d.ev = translate.Event{Type: translate.EventBlockStart, Choice: c.index, Block: block, Kind: translate.WebSearch, Search: &s}
	d.blocks++
	if err := emit(&d.ev); err != nil {
		return err
	}
	c.finished = finished
	return d.stop(block, emit)
}
