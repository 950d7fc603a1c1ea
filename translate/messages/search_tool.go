package messages

import (
	"strings"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// searchTool reads a tool of type web_search_…, of any version
// (anthropic-sdk-go's WebSearchTool20260318Param); nil for other tools.
func searchTool(kind string, raw translate.Value) *translate.SearchTool {
	if !strings.HasPrefix(kind, "web_search") {
		return nil
	}
	s := new(translate.SearchTool)
	for name, v := range jsonlit.Fields(raw) {
		switch string(name) {
		case "allowed_domains":
			s.Allowed = stringList(v)
		case "blocked_domains":
			s.Blocked = stringList(v)
		case "max_uses":
			if n, ok := jsonlit.Int(v); ok && n > 0 {
				s.MaxUses = v
			}
		case "user_location":
			s.City, s.Region = stringOf(v, "city"), stringOf(v, "region")
			s.Country, s.Timezone = stringOf(v, "country"), stringOf(v, "timezone")
		}
	}
	return s
}

func stringList(v translate.Value) (list []translate.Value) {
	for e := range jsonlit.Elements(v) {
		if jsonlit.IsString(e) {
			list = append(list, e)
		}
	}
	return list
}

// stringOf returns a member that is a string, or nil.
func stringOf(object translate.Value, name string) translate.Value {
	if v := jsonlit.Get(object, name); jsonlit.IsString(v) {
		return v
	}
	return nil
}

// Versions of the web search. The later one works with the models that think
// adaptively; it is told to let the model search itself, and not by programs
// whose output nobody but Anthropic could read.
const (
	searchVersion = "web_search_20260318"
	olderSearch   = "web_search_20250305"
)

// searchTool writes another vendor's web search as Anthropic's.
func (e *requestEncoder) searchTool(s *translate.SearchTool) {
	w := &e.w
	w.Object()
	if e.caps.Thinking == translate.ThinkingBudget || e.caps.Thinking == translate.ThinkingNone {
		w.StringField("type", olderSearch)
		w.StringField("name", "web_search")
	} else {
		w.StringField("type", searchVersion)
		w.StringField("name", "web_search")
		w.Key("allowed_callers")
		w.Array()
		w.String("direct")
		w.EndArray()
	}
	switch {
	case len(s.Allowed) > 0:
		if len(s.Blocked) > 0 { // the one or the other
			e.t.Losses.Note("web_search_blocked", translate.Dropped)
		}
		writeList(w, "allowed_domains", s.Allowed)
	case len(s.Blocked) > 0:
		writeList(w, "blocked_domains", s.Blocked)
	}
	w.Field("max_uses", s.MaxUses)
	if len(s.City)+len(s.Region)+len(s.Country)+len(s.Timezone) > 0 {
		w.Key("user_location")
		w.Object()
		w.StringField("type", "approximate")
		w.Field("city", s.City)
		w.Field("region", s.Region)
		w.Field("country", s.Country)
		w.Field("timezone", s.Timezone)
		w.EndObject()
	}
	w.EndObject()
}

func writeList(w *jsonlit.Writer, name string, list []translate.Value) {
	w.Key(name)
	w.Array()
	for _, v := range list {
		w.Raw(v)
	}
	w.EndArray()
}
