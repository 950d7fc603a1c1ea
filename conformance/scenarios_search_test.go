package conformance

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fairway-gateway/fairway/conformance/upstream"
)

// The sourced answer: what is cited, which has more bytes than characters, and what is not.
const (
	cited   = "Grüße aus Bern."
	uncited = " 世界!"
	source  = "https://example.com/bern?x=1&y=2"
	sourced = "Bern “today”"
)

// raw is an upstream's answer in its own words, as one body or as a stream.
func raw(s *stage, plain string, events ...string) upstream.Reply {
	if !s.stream {
		return upstream.Reply{Raw: &upstream.Raw{Status: 200, ContentType: "application/json", Body: []byte(plain)}}
	}
	var b strings.Builder
	for _, e := range events {
		if kind, data, named := strings.Cut(e, " "); named && !strings.HasPrefix(e, "{") {
			b.WriteString("event: " + kind + "\ndata: {\"type\":\"" + kind + "\"," + data[1:] + "\n\n")
			continue
		}
		end := "\n\n"
		if s.up == upstream.Gemini {
			end = "\r\n\r\n"
		}
		b.WriteString("data: " + e + end)
	}
	return upstream.Reply{Raw: &upstream.Raw{Status: 200, ContentType: "text/event-stream", Body: []byte(b.String())}}
}

// searched is an answer that rests on a web search, as each vendor tells it.
func searched(s *stage) upstream.Reply {
	switch s.up {
	case upstream.Chat:
		const head = `"id":"chatcmpl-1","created":1793491200,"model":"local-chat"`
		const note = `"annotations":[{"type":"url_citation","url_citation":{"url":"` + source + `","title":"` + sourced + `","start_index":0,"end_index":15}}]`
		const usage = `"usage":{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120}`
		chunk := func(delta, finish string) string {
			return `{` + head + `,"object":"chat.completion.chunk","choices":[{"index":0,"delta":` + delta + `,"finish_reason":` + finish + `}],"usage":null}`
		}
		return raw(s, `{`+head+`,"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"`+cited+uncited+`","refusal":null,`+note+`},"finish_reason":"stop","logprobs":null}],`+usage+`}`,
			chunk(`{"role":"assistant","content":""}`, "null"), chunk(`{"content":"`+cited+`"}`, "null"), chunk(`{"content":"`+uncited+`"}`, "null"),
			chunk(`{`+note+`}`, "null"), chunk(`{}`, `"stop"`), `{`+head+`,"object":"chat.completion.chunk","choices":[],`+usage+`}`, "[DONE]")
	case upstream.Responses:
		const note = `{"type":"url_citation","url":"` + source + `","title":"` + sourced + `","start_index":0,"end_index":15}`
		const part = `{"type":"output_text","text":"` + cited + uncited + `","annotations":[` + note + `],"logprobs":[]}`
		const message = `{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[` + part + `]}`
		const search = `{"id":"ws_1","type":"web_search_call","status":"completed","action":{"type":"search","query":"bern","queries":["bern"]}}`
		response := func(status, output string) string {
			return `{"id":"resp_1","object":"response","created_at":1793491200,"status":"` + status + `","error":null,"incomplete_details":null,"instructions":null,"metadata":{},"model":"gpt-4.1",` +
				`"output":[` + output + `],"parallel_tool_calls":true,"temperature":1,"tool_choice":"auto","tools":[],"top_p":1,"usage":{"input_tokens":100,"input_tokens_details":{"cached_tokens":0},"output_tokens":20,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":120}}`
		}
		const at = `"item_id":"msg_1","output_index":1,"content_index":0,`
		return raw(s, response("completed", search+","+message),
			`response.created {"sequence_number":0,"response":`+response("in_progress", "")+`}`,
			`response.in_progress {"sequence_number":1,"response":`+response("in_progress", "")+`}`,
			`response.output_item.added {"sequence_number":2,"output_index":0,"item":{"id":"ws_1","type":"web_search_call","status":"in_progress","action":{"type":"search","query":""}}}`,
			`response.web_search_call.in_progress {"sequence_number":3,"output_index":0,"item_id":"ws_1"}`,
			`response.web_search_call.completed {"sequence_number":4,"output_index":0,"item_id":"ws_1"}`,
			`response.output_item.done {"sequence_number":5,"output_index":0,"item":`+search+`}`,
			`response.output_item.added {"sequence_number":6,"output_index":1,"item":{"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[]}}`,
			`response.content_part.added {"sequence_number":7,`+at+`"part":{"type":"output_text","text":"","annotations":[],"logprobs":[]}}`,
			`response.output_text.delta {"sequence_number":8,`+at+`"delta":"`+cited+uncited+`","logprobs":[]}`,
			`response.output_text.annotation.added {"sequence_number":9,`+at+`"annotation_index":0,"annotation":`+note+`}`,
			`response.output_text.done {"sequence_number":10,`+at+`"text":"`+cited+uncited+`","logprobs":[]}`,
			`response.content_part.done {"sequence_number":11,`+at+`"part":`+part+`}`,
			`response.output_item.done {"sequence_number":12,"output_index":1,"item":`+message+`}`,
			`response.completed {"sequence_number":13,"response":`+response("completed", search+","+message)+`}`)
	case upstream.Messages:
		const use = `{"type":"server_tool_use","id":"srvtoolu_01","name":"web_search","input":{"query":"bern"},"caller":{"type":"direct"}}`
		const found = `{"type":"web_search_tool_result","tool_use_id":"srvtoolu_01","content":[{"type":"web_search_result","url":"` + source + `","title":"` + sourced + `","encrypted_content":"EqgB","page_age":null}],"caller":{"type":"direct"}}`
		const note = `{"type":"web_search_result_location","url":"` + source + `","title":"` + sourced + `","cited_text":"Bern","encrypted_index":"Eo8B"}`
		message := func(content, stop string) string {
			return `{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[` + content + `],"stop_reason":` + stop + `,"stop_sequence":null,"stop_details":null,` +
				`"usage":{"input_tokens":100,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":20}}`
		}
		return raw(s, message(use+","+found+`,{"type":"text","text":"`+cited+`","citations":[`+note+`]},{"type":"text","text":"`+uncited+`"}`, `"end_turn"`),
			`message_start {"message":`+message("", "null")+`}`,
			`content_block_start {"index":0,"content_block":`+strings.Replace(use, `{"query":"bern"}`, "{}", 1)+`}`,
			`content_block_delta {"index":0,"delta":{"type":"input_json_delta","partial_json":"{\"query\":\"bern\"}"}}`, `content_block_stop {"index":0}`,
			`content_block_start {"index":1,"content_block":`+found+`}`, `content_block_stop {"index":1}`,
			`content_block_start {"index":2,"content_block":{"type":"text","text":"","citations":[]}}`,
			`content_block_delta {"index":2,"delta":{"type":"citations_delta","citation":`+note+`}}`,
			`content_block_delta {"index":2,"delta":{"type":"text_delta","text":"`+cited+`"}}`, `content_block_stop {"index":2}`,
			`content_block_start {"index":3,"content_block":{"type":"text","text":""}}`, `content_block_delta {"index":3,"delta":{"type":"text_delta","text":"`+uncited+`"}}`, `content_block_stop {"index":3}`,
			`message_delta {"delta":{"stop_reason":"end_turn","stop_sequence":null,"stop_details":null},"usage":{"output_tokens":20}}`, `message_stop {"x":0}`)
	}
	const tail = `"usageMetadata":{"promptTokenCount":100,"candidatesTokenCount":20,"totalTokenCount":120},"modelVersion":"gemini-2.5-flash","responseId":"r1"`
	const ground = `"groundingMetadata":{"webSearchQueries":["bern"],"groundingChunks":[{"web":{"uri":"` + source + `","title":"` + sourced + `"}}],` +
		`"groundingSupports":[{"segment":{"startIndex":0,"endIndex":17,"text":"` + cited + `"},"groundingChunkIndices":[0]}]}`
	return raw(s, `{"candidates":[{"content":{"parts":[{"text":"`+cited+uncited+`"}],"role":"model"},"finishReason":"STOP","index":0,`+ground+`}],`+tail+`}`,
		`{"candidates":[{"content":{"parts":[{"text":"`+cited+`"}],"role":"model"},"index":0}],`+tail+`}`,
		`{"candidates":[{"content":{"parts":[{"text":"`+uncited+`"}],"role":"model"},"finishReason":"STOP","index":0,`+ground+`}],`+tail+`}`)
}

// two is an answer of two choices.
func two(s *stage) upstream.Reply {
	if s.up == upstream.Chat {
		const head = `"id":"chatcmpl-1","created":1793491200,"model":"local-chat"`
		const usage = `"usage":{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120}`
		chunk := func(i, rest string) string {
			return `{` + head + `,"object":"chat.completion.chunk","choices":[{"index":` + i + `,` + rest + `}],"usage":null}`
		}
		choice := func(i, text string) string {
			return `{"index":` + i + `,"message":{"role":"assistant","content":"` + text + `","refusal":null},"finish_reason":"stop","logprobs":null}`
		}
		return raw(s, `{`+head+`,"object":"chat.completion","choices":[`+choice("0", "heads")+`,`+choice("1", "tails")+`],`+usage+`}`,
			chunk("0", `"delta":{"role":"assistant","content":"hea"},"finish_reason":null`), chunk("1", `"delta":{"role":"assistant","content":"tai"},"finish_reason":null`),
			chunk("1", `"delta":{"content":"ls"},"finish_reason":"stop"`), chunk("0", `"delta":{"content":"ds"},"finish_reason":"stop"`),
			`{`+head+`,"object":"chat.completion.chunk","choices":[],`+usage+`}`, "[DONE]")
	}
	const tail = `"usageMetadata":{"promptTokenCount":100,"candidatesTokenCount":20,"totalTokenCount":120},"modelVersion":"gemini-2.5-flash","responseId":"r1"`
	candidate := func(i, text, finish string) string {
		return `{"content":{"parts":[{"text":"` + text + `"}],"role":"model"},"index":` + i + finish + `}`
	}
	const stop = `,"finishReason":"STOP"`
	return raw(s, `{"candidates":[`+candidate("0", "heads", stop)+`,`+candidate("1", "tails", stop)+`],`+tail+`}`,
		`{"candidates":[`+candidate("0", "hea", "")+`,`+candidate("1", "tai", "")+`],`+tail+`}`,
		`{"candidates":[`+candidate("1", "ls", stop)+`],`+tail+`}`, `{"candidates":[`+candidate("0", "ds", stop)+`],`+tail+`}`)
}

// pausedGemini is the two halves of a long answer.
func pausedGemini(s *stage) []upstream.Reply {
	half := func(text, rest string) upstream.Reply {
		body := `{"candidates":[{"content":{"parts":[{"text":"` + text + `"}],"role":"model"},"index":0,` + rest + `}],` +
			`"usageMetadata":{"promptTokenCount":50,"candidatesTokenCount":10,"totalTokenCount":60},"modelVersion":"gemini-4-flash","responseId":"r1"}`
		return raw(s, body, body)
	}
	return []upstream.Reply{half("Once upon", `"finishReason":"CONTINUATION","continuationToken":"dG9rZW4="`), half(" a time.", `"finishReason":"STOP"`)}
}

// pausedMessages is a turn that pauses behind its search, and the rest of it.
func pausedMessages(s *stage) []upstream.Reply {
	message := func(content, stop string) string {
		return `{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[` + content + `],"stop_reason":` + stop + `,"stop_sequence":null,"stop_details":null,` +
			`"usage":{"input_tokens":50,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":10}}`
	}
	const use = `{"type":"server_tool_use","id":"srvtoolu_01","name":"web_search","input":{"query":"tales"},"caller":{"type":"direct"}}`
	text := func(s string) string { return `{"type":"text","text":"` + s + `"}` }
	block := func(i, s string) []string {
		return []string{`content_block_start {"index":` + i + `,"content_block":{"type":"text","text":""}}`,
			`content_block_delta {"index":` + i + `,"delta":{"type":"text_delta","text":"` + s + `"}}`, `content_block_stop {"index":` + i + `}`}
	}
	end := func(stop string) []string {
		return []string{`message_delta {"delta":{"stop_reason":"` + stop + `","stop_sequence":null,"stop_details":null},"usage":{"output_tokens":10}}`, `message_stop {"x":0}`}
	}
	start := []string{`message_start {"message":` + message("", "null") + `}`}
	search := []string{`content_block_start {"index":1,"content_block":` + strings.Replace(use, `{"query":"tales"}`, "{}", 1) + `}`,
		`content_block_delta {"index":1,"delta":{"type":"input_json_delta","partial_json":"{\"query\":\"tales\"}"}}`, `content_block_stop {"index":1}`}
	return []upstream.Reply{
		raw(s, message(text("Once upon")+","+use, `"pause_turn"`), slices.Concat(start, block("0", "Once upon"), search, end("pause_turn"))...),
		raw(s, message(text(" a time."), `"end_turn"`), slices.Concat(start, block("0", " a time."), end("end_turn"))...),
	}
}

func searchScenarios() []scenario {
	return []scenario{
		{name: "citations", fits: turns, play: func(t *testing.T, s *stage) {
			got, _ := s.ask(t, user("News from Bern?"), searched(s))
			wantText(t, got.Text, cited+uncited)
			if len(got.Citations) != 1 || got.Citations[0].URL != source || got.Citations[0].Title != sourced {
				t.Fatalf("citations: got %+v, want %s", got.Citations, source)
			}
			if s.cell.client == upstream.Messages {
				return // cites with whole blocks
			}
			if c := got.Citations[0]; c.Start != 0 || c.End != utf8.RuneCountInString(cited) {
				t.Errorf("cited are the characters %d to %d, want %q", c.Start, c.End, cited)
			}
		}},
		{name: "web search", fits: turns, play: func(t *testing.T, s *stage) {
			a := user("News from Bern?")
			a.Search = true
			_, rec := s.ask(t, a, upstream.Reply{Pieces: []upstream.Piece{upstream.Say("None.")}, Usage: usual})
			if s.up == upstream.Chat {
				// Compatible servers refuse the member; only OpenAI's search models take it.
				if w := s.wire.Header().Get("X-Ai-Warnings"); !s.same() && !strings.Contains(w, "web_search") {
					t.Errorf("X-Ai-Warnings: got %q, want a word about the search", w)
				}
				return
			}
			want := map[upstream.Dialect]string{upstream.Responses: "web_search", upstream.Messages: "web_search_20250305", upstream.Gemini: "googleSearch"}[s.up]
			if len(rec.Seen.Tools) != 1 || rec.Seen.Tools[0].Kind != want {
				t.Errorf("the account was offered %+v, want its own %s: %s", rec.Seen.Tools, want, rec.Body)
			}
		}},
		{name: "two choices", fits: func(c cell) bool {
			return (c.client == upstream.Chat || c.client == upstream.Completions || c.client == upstream.Gemini) && (c.up == upstream.Chat || c.up == upstream.Gemini)
		}, play: func(t *testing.T, s *stage) {
			a := user("Toss a coin twice.")
			a.N = 2
			got, rec := s.ask(t, a, two(s))
			wantText(t, got.Text, "heads")
			if !slices.Equal(got.Others, []string{"tails"}) {
				t.Errorf("the other choices: got %q, want tails", got.Others)
			}
			if n := rec.Get("n").Int() + rec.Get("generationConfig.candidateCount").Int(); n != 2 {
				t.Errorf("the account was asked for %d choices: %s", n, rec.Body)
			}
		}},
		{name: "continuation", fits: func(c cell) bool { return turns(c) && c.up == upstream.Gemini }, play: func(t *testing.T, s *stage) {
			s.account.Models(upstream.Model{ID: "gemini-4-flash", MaxOutput: 65536})
			s.model, s.vendor = strings.TrimSuffix(s.model, s.vendor)+"gemini-4-flash", "gemini-4-flash"
			replies := pausedGemini(s)
			s.account.Reply(replies[0])
			got, _ := s.ask(t, user("A long story."), replies[1])
			wantText(t, got.Text, "Once upon a time.")
			all := s.account.Generated()
			if len(all) != 2 || all[1].Get("continuationToken").String() != "dG9rZW4=" || !slices.EqualFunc(all[0].Seen.Turns, all[1].Seen.Turns, func(a, b upstream.Turn) bool { return a.Role == b.Role && len(a.Parts) == len(b.Parts) }) {
				t.Fatalf("the account got %d requests, the last %s", len(all), all[len(all)-1].Body)
			}
			if !s.same() {
				wantUsage(t, got.Usage, upstream.Usage{In: 100, Out: 20})
			}
		}},
		{name: "paused turn", fits: func(c cell) bool {
			return turns(c) && c.up == upstream.Messages && c.client != upstream.Messages
		}, play: func(t *testing.T, s *stage) {
			replies := pausedMessages(s)
			s.account.Reply(replies[0])
			a := user("A long story.")
			a.Search = true
			got, _ := s.ask(t, a, replies[1])
			wantText(t, got.Text, "Once upon a time.")
			all := s.account.Generated()
			if len(all) != 2 || all[1].Get("messages.#").Int() != 2 || all[1].Get("messages.1.content.1.input.query").String() != "tales" {
				t.Fatalf("the account got %d requests, the last %s", len(all), all[len(all)-1].Body)
			}
			wantUsage(t, got.Usage, upstream.Usage{In: 100, Out: 20})
		}},
	}
}
