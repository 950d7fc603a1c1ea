package messages

import (
	"bytes"
	"strings"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/carrier"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// searches pairs the two blocks of a web search: the call and, behind it, what
// was found.
type searches struct{ open []openSearch }

type openSearch struct {
	index int // of the call's block in a stream
	id    string
	query translate.Value // a copy
	input []byte          // in pieces, still escaped
}

// call takes a server_tool_use block. It reports whether it is a web search.
func (s *searches) call(index int, b *block) bool {
	if jsonlit.Str(b.name) != "web_search" {
		return false
	}
	s.open = append(s.open, openSearch{index: index, id: jsonlit.Str(b.id), query: bytes.Clone(stringOf(b.input, "query"))})
	return true
}

// piece takes a piece of the input of the call that is streamed at an index.
func (s *searches) piece(index int, v translate.Value) {
	for i := range s.open {
		if o := &s.open[i]; o.index == index && len(o.input) < maxQuery {
			o.input = append(o.input, jsonlit.Inner(v)...)
		}
	}
}

// maxQuery bounds what is kept of the input of a search.
const maxQuery = 64 << 10

// found returns the search that a web_search_tool_result block ends.
func (s *searches) found(b *block) *translate.Search {
	out := &translate.Search{ID: jsonlit.Str(b.toolUseID)}
	for i := range s.open {
		if s.open[i].id == out.ID {
			out = s.open[i].search()
			s.open = append(s.open[:i], s.open[i+1:]...)
			break
		}
	}
	for e := range jsonlit.Elements(b.content) {
		if url := stringOf(e, "url"); url != nil {
			out.Sources = append(out.Sources, translate.Citation{URL: url, Title: stringOf(e, "title")})
		}
	}
	return out
}

// left returns the searches of which no result came.
func (s *searches) left() (list []*translate.Search) {
	for i := range s.open {
		list = append(list, s.open[i].search())
	}
	s.open = nil
	return list
}

func (o *openSearch) search() *translate.Search {
	s := &translate.Search{ID: o.id}
	query := o.query
	if len(o.input) > 0 {
		input := jsonlit.AppendUnquoted(nil, append(append([]byte{'"'}, o.input...), '"'))
		if jsonlit.Valid(input) {
			query = stringOf(input, "query")
		}
	}
	if query != nil {
		s.Queries = []translate.Value{query}
	}
	return s
}

// foreign stands where Anthropic's own state would, and foreignSearch begins the
// ids of searches: what another vendor found is of no use to Anthropic, and taken
// out of the conversation before it sees it (editFound).
const (
	foreign       = carrier.Prefix + "found"
	foreignSearch = "srvtoolu_" + carrier.Prefix
)

// searchID is the id of another vendor's search.
func searchID(s *translate.Search) string {
	if strings.HasPrefix(s.ID, foreignSearch) {
		return s.ID
	}
	return foreignSearch + translate.CallID(s.ID, bytes.Join(raw(s.Queries), []byte{0}))[len("call_"):]
}

func raw(list []translate.Value) [][]byte {
	out := make([][]byte, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

// searchCall writes a server_tool_use block; in a stream the input follows.
func searchCall(w *jsonlit.Writer, s *translate.Search, input bool) {
	w.Object()
	w.StringField("type", "server_tool_use")
	w.StringField("id", searchID(s))
	w.StringField("name", "web_search")
	w.Key("input")
	if input {
		searchInput(w, s)
	} else {
		w.Object()
		w.EndObject()
	}
	w.EndObject()
}

// searchInput writes the input of a search, several queries as one.
func searchInput(w *jsonlit.Writer, s *translate.Search) {
	w.Object()
	if len(s.Queries) > 0 {
		w.Key("query")
		var all []byte
		for i, q := range s.Queries {
			if i > 0 {
				all = append(all, "; "...)
			}
			all = jsonlit.AppendLiteral(all, jsonlit.Inner(q))
		}
		w.Fragment(all)
	}
	w.EndObject()
}

// searchResult writes the web_search_tool_result block of a search.
func searchResultBlock(w *jsonlit.Writer, s *translate.Search) {
	w.Object()
	w.StringField("type", "web_search_tool_result")
	w.StringField("tool_use_id", searchID(s))
	w.Key("content")
	w.Array()
	for i := range s.Sources {
		w.Object()
		w.StringField("type", "web_search_result")
		w.LiteralField("url", s.Sources[i].URL)
		w.LiteralField("title", s.Sources[i].Title)
		w.StringField("encrypted_content", foreign)
		w.Key("page_age")
		w.Null()
		w.EndObject()
	}
	w.EndArray()
	w.EndObject()
}

// writeCitation writes a citation of a source on the web; citations of files
// that another vendor keeps are left out.
func writeCitation(w *jsonlit.Writer, c *translate.Citation) {
	w.Object()
	w.StringField("type", "web_search_result_location")
	w.LiteralField("url", c.URL)
	w.LiteralField("title", c.Title)
	w.LiteralField("cited_text", c.Quote)
	w.StringField("encrypted_index", foreign)
	w.EndObject()
}

// appendCitations writes the citations of a text that name a source on the web.
func appendCitations(w *jsonlit.Writer, list []translate.Citation) {
	any := false
	for i := range list {
		if len(list[i].URL) == 0 {
			continue
		}
		if !any {
			any = true
			w.Key("citations")
			w.Array()
		}
		writeCitation(w, &list[i])
	}
	if any {
		w.EndArray()
	}
}

// search writes the two blocks of a web search.
func (e *streamEncoder) search(s *translate.Search) {
	e.begin("content_block_start")
	e.w.IntField("index", int64(e.index))
	e.w.Key("content_block")
	searchCall(&e.w, s, false)
	e.end()
	input := jsonlit.NewWriter(nil)
	searchInput(&input, s)
	e.piece("input_json_delta", "partial_json", jsonlit.AppendQuote(nil, input.Bytes()))
	e.stopBlock()
	e.begin("content_block_start")
	e.w.IntField("index", int64(e.index))
	e.w.Key("content_block")
	searchResultBlock(&e.w, s)
	e.end()
	e.stopBlock()
}

func (e *streamEncoder) citation(c *translate.Citation) {
	e.begin("content_block_delta")
	e.w.IntField("index", int64(e.index))
	e.w.Key("delta")
	e.w.Object()
	e.w.StringField("type", "citations_delta")
	e.w.Key("citation")
	writeCitation(&e.w, c)
	e.w.EndObject()
	e.end()
}

// media writes a text block that mentions an image or a sound.
func (e *streamEncoder) media(kind translate.Kind, m *translate.Media) {
	text := mention(kind, m)
	if text == nil {
		return
	}
	e.begin("content_block_start")
	e.w.IntField("index", int64(e.index))
	e.w.Key("content_block")
	e.w.Object()
	e.w.StringField("type", "text")
	e.w.StringField("text", "")
	e.w.EndObject()
	e.end()
	e.piece("text_delta", "text", text)
	e.stopBlock()
}

// mention tells, in Markdown where it has an address, of an image or a sound
// that a message has no place for.
func mention(kind translate.Kind, m *translate.Media) translate.Value {
	switch {
	case m == nil || len(m.URL)+len(m.Data) == 0:
		return nil
	case len(m.URL) > 0:
		return append(append(append(translate.Value(`"![`+kind.String()+`](`), jsonlit.Inner(m.URL)...), ')'), '"')
	}
	what := kind.String()
	if m.MIME != "" {
		what += " of type " + m.MIME
	}
	return jsonlit.Quote("[" + what + ", which this protocol cannot carry in an answer]")
}
