package openai

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// SearchOf reads Chat's web_search_options or Responses' web_search tool
// (openai-go's ChatCompletionNewParamsWebSearchOptions and WebSearchToolParam),
// of which the former has its location one level deeper and no filters.
func SearchOf(v jsonlit.Value) *translate.SearchTool {
	s := new(translate.SearchTool)
	for name, val := range jsonlit.Fields(v) {
		switch string(name) {
		case "search_context_size":
			s.Context = jsonlit.Str(val)
		case "user_location":
			place := val
			if inner := jsonlit.Get(val, "approximate"); jsonlit.IsObject(inner) {
				place = inner
			}
			s.City, s.Region = stringOf(place, "city"), stringOf(place, "region")
			s.Country, s.Timezone = stringOf(place, "country"), stringOf(place, "timezone")
		case "filters":
			for e := range jsonlit.Elements(jsonlit.Get(val, "allowed_domains")) {
				if jsonlit.IsString(e) {
					s.Allowed = append(s.Allowed, e)
				}
			}
		}
	}
	return s
}

func stringOf(object jsonlit.Value, name string) jsonlit.Value {
	if v := jsonlit.Get(object, name); jsonlit.IsString(v) {
		return v
	}
	return nil
}

// WriteSearch writes Chat's web_search_options.
func WriteSearch(w *jsonlit.Writer, s *translate.SearchTool) {
	w.Object()
	WriteContext(w, s)
	if Placed(s) {
		w.Key("user_location")
		w.Object()
		w.StringField("type", "approximate")
		w.Key("approximate")
		w.Object()
		WritePlace(w, s)
		w.EndObject()
		w.EndObject()
	}
	w.EndObject()
}

// WriteContext writes search_context_size, if it is known.
func WriteContext(w *jsonlit.Writer, s *translate.SearchTool) {
	switch s.Context {
	case "low", "medium", "high":
		w.StringField("search_context_size", s.Context)
	}
}

// Placed reports whether a search says where the user is.
func Placed(s *translate.SearchTool) bool {
	return len(s.City)+len(s.Region)+len(s.Country)+len(s.Timezone) > 0
}

// WritePlace writes the members of an approximate location.
func WritePlace(w *jsonlit.Writer, s *translate.SearchTool) {
	w.Field("city", s.City)
	w.Field("region", s.Region)
	w.Field("country", s.Country)
	w.Field("timezone", s.Timezone)
}
