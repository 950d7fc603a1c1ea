package responses

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/openai"
)

// searchOf reads a web_search_call item (openai-go's
// responses.ResponseFunctionWebSearch): what was asked for and, where the
// request wanted them included, the sources. Pages that were opened count as
// sources.
func searchOf(it *item) *translate.Search {
	s := &translate.Search{ID: jsonlit.Str(it.id)}
	for name, v := range jsonlit.Fields(it.action) {
		switch string(name) {
		case "queries":
			s.Queries = s.Queries[:0]
			for q := range jsonlit.Elements(v) {
				if jsonlit.IsString(q) {
					s.Queries = append(s.Queries, q)
				}
			}
		case "query":
			if jsonlit.IsString(v) && len(s.Queries) == 0 {
				s.Queries = append(s.Queries, v)
			}
		case "sources":
			for e := range jsonlit.Elements(v) {
				if url := jsonlit.Get(e, "url"); jsonlit.IsString(url) {
					s.Sources = append(s.Sources, translate.Citation{URL: url, Title: stringOrNil(jsonlit.Get(e, "title"))})
				}
			}
		case "url":
			if jsonlit.IsString(v) {
				s.Sources = append(s.Sources, translate.Citation{URL: v})
			}
		}
	}
	return s
}

// appendSearch writes the members of a web_search_call behind its id.
func appendSearch(w *jsonlit.Writer, s *translate.Search, status string) {
	w.StringField("type", "web_search_call")
	w.StringField("status", status)
	w.Key("action")
	w.Object()
	w.StringField("type", "search")
	w.Key("query")
	if len(s.Queries) > 0 {
		w.Literal(s.Queries[0])
	} else {
		w.String("")
	}
	w.Key("queries")
	w.Array()
	for _, q := range s.Queries {
		w.Literal(q)
	}
	w.EndArray()
	w.Key("sources")
	w.Array()
	for i := range s.Sources {
		w.Object()
		w.StringField("type", "url")
		w.LiteralField("url", s.Sources[i].URL)
		w.EndObject()
	}
	w.EndArray()
	w.EndObject()
}

// search tells a web search in a block of its own.
func (d *streamDecoder) search(it *item) error {
	n := d.blocks
	d.blocks++
	if err := d.send(translate.Event{Type: translate.EventBlockStart, Block: n, Kind: translate.WebSearch, Search: searchOf(it)}); err != nil {
		return err
	}
	return d.send(translate.Event{Type: translate.EventBlockStop, Block: n})
}

// picture tells an image that the model drew.
func (d *streamDecoder) picture(it *item) error {
	m := pictureOf(it)
	if m == nil {
		return nil
	}
	n, err := d.begin(translate.Image, nil)
	if err == nil {
		err = d.send(translate.Event{Type: translate.EventMedia, Block: n, Media: m})
	}
	if err != nil {
		return err
	}
	return d.send(translate.Event{Type: translate.EventBlockStop, Block: n})
}

// pictureOf reads an image_generation_call item; nil when it drew nothing.
func pictureOf(it *item) *translate.Media {
	if !jsonlit.IsString(it.result) || len(it.result) <= 2 {
		return nil
	}
	m := &translate.Media{MIME: "image/png"}
	if format := jsonlit.Str(it.format); format != "" {
		m.MIME = "image/" + format
	}
	if inline(it.result, &m.Data) != nil {
		return nil
	}
	return m
}

// searchTool writes another vendor's web search as OpenAI's.
func searchTool(w *jsonlit.Writer, s *translate.SearchTool) {
	w.Object()
	w.StringField("type", "web_search")
	if len(s.Allowed) > 0 {
		w.Key("filters")
		w.Object()
		w.Key("allowed_domains")
		w.Array()
		for _, domain := range s.Allowed {
			w.Raw(domain)
		}
		w.EndArray()
		w.EndObject()
	}
	if openai.Placed(s) {
		w.Key("user_location")
		w.Object()
		w.StringField("type", "approximate")
		openai.WritePlace(w, s)
		w.EndObject()
	}
	openai.WriteContext(w, s)
	w.EndObject()
}
