package messages

import (
	"strings"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// block appends what a content block says. A document made of blocks becomes
// several parts; blocks that carry nothing for another provider, none.
func (d *requestDecoder) block(parts []translate.Part, b *block, role translate.Role) ([]translate.Part, *translate.Error) {
	ttl, err := cacheTTL(b.cache)
	if err != nil {
		return nil, err
	}
	start := len(parts)
	switch string(b.kind) {
	case "text":
		if !jsonlit.IsString(b.text) {
			return nil, wrong("text", "a string")
		}
		if len(jsonlit.Inner(b.text)) > 0 {
			parts = append(parts, translate.Part{Kind: translate.Text, Text: b.text})
		}
	case "image":
		m, err := imageSource(b.source)
		if err != nil {
			return nil, within(err, "source")
		}
		parts = append(parts, translate.Part{Kind: translate.Image, Media: m})
	case "document":
		if parts, err = d.document(parts, b); err != nil {
			return nil, within(err, "source")
		}
	case "search_result":
		text, err := searchResult(b)
		if err != nil {
			return nil, err
		}
		parts = append(parts, translate.Part{Kind: translate.Text, Text: text})
	case "tool_use":
		if role != translate.AssistantRole {
			return nil, wrong("type", "another kind: only the assistant uses tools")
		}
		call, err := toolUse(b)
		if err != nil {
			return nil, err
		}
		parts = append(parts, translate.Part{Kind: translate.ToolCall, Call: call})
	case "tool_result":
		if role != translate.UserRole {
			return nil, wrong("type", "another kind: tool results belong to the user's messages")
		}
		result, err := d.toolResult(b)
		if err != nil {
			return nil, err
		}
		parts = append(parts, translate.Part{Kind: translate.ToolResult, Result: result})
	case "thinking":
		if role != translate.AssistantRole || !jsonlit.IsString(b.thinking) {
			return nil, wrong("thinking", "a string in a message of the assistant")
		}
		p := translate.Part{Kind: translate.Thinking, Text: b.thinking}
		if jsonlit.IsString(b.signature) {
			p.Signature = b.signature
		}
		return append(parts, p), nil
	case "redacted_thinking":
		if role != translate.AssistantRole || !jsonlit.IsString(b.data) {
			return nil, wrong("data", "a string in a message of the assistant")
		}
		// The absent text tells it from thinking whose text is withheld.
		return append(parts, translate.Part{Kind: translate.Thinking, Signature: b.data}), nil
	case "container_upload":
		if !jsonlit.IsString(b.fileID) {
			return nil, wrong("file_id", "a string")
		}
		parts = append(parts, translate.Part{Kind: translate.File, Media: &translate.Media{FileID: b.fileID}})
	case "compaction":
		if jsonlit.IsString(b.content) && len(jsonlit.Inner(b.content)) > 0 {
			parts = append(parts, translate.Part{Kind: translate.Text, Text: b.content})
		}
	case "server_tool_use", "mcp_tool_use", "fallback":
		// What the vendor's own tools found follows in their results.
	default:
		kind := string(b.kind)
		if !strings.HasSuffix(kind, "_tool_result") {
			return nil, wrong("type", `"text", "image", "document", "search_result", "tool_use", "tool_result", "thinking", "redacted_thinking", "server_tool_use" or one of the results of server tools`)
		}
		if text := serverResult(kind, b.content); text != nil {
			parts = append(parts, translate.Part{Kind: translate.Text, Text: text})
		}
	}
	if ttl != "" && len(parts) > start {
		parts[len(parts)-1].CacheTTL = ttl
	}
	return parts, nil
}

func toolUse(b *block) (*translate.Call, *translate.Error) {
	switch {
	case !jsonlit.IsString(b.id) || len(jsonlit.Inner(b.id)) == 0:
		return nil, wrong("id", "a string that is not empty")
	case !jsonlit.IsString(b.name) || len(jsonlit.Inner(b.name)) == 0:
		return nil, wrong("name", "a string that is not empty")
	case !jsonlit.IsObject(b.input):
		return nil, wrong("input", "an object")
	}
	return &translate.Call{ID: jsonlit.Str(b.id), Name: jsonlit.Str(b.name), Arguments: translate.Arguments{Object: b.input}}, nil
}

func (d *requestDecoder) toolResult(b *block) (*translate.Result, *translate.Error) {
	if !jsonlit.IsString(b.toolUseID) || len(jsonlit.Inner(b.toolUseID)) == 0 {
		return nil, wrong("tool_use_id", "a string that is not empty")
	}
	if !jsonlit.Null(b.isError) && translate.TriOf(b.isError) == translate.Unset {
		return nil, wrong("is_error", "a boolean")
	}
	r := &translate.Result{CallID: jsonlit.Str(b.toolUseID), IsError: jsonlit.True(b.isError)}
	switch {
	case jsonlit.Null(b.content):
		return r, nil
	case jsonlit.IsString(b.content):
		if len(jsonlit.Inner(b.content)) > 0 {
			r.Parts = []translate.Part{{Kind: translate.Text, Text: b.content}}
		}
		return r, nil
	case !jsonlit.IsArray(b.content):
		return nil, wrong("content", "a string or a list of blocks")
	}
	c := at(b.content)
	for i := range c.array() {
		inner, err := readBlock(c)
		if err == nil {
			r.Parts, err = d.resultBlock(r.Parts, &inner)
		}
		if err != nil {
			return nil, within(element(err, i), "content")
		}
	}
	return r, nil
}

func (d *requestDecoder) resultBlock(parts []translate.Part, b *block) ([]translate.Part, *translate.Error) {
	switch string(b.kind) {
	case "text", "image", "document", "search_result":
		return d.block(parts, b, translate.UserRole)
	case "tool_reference": // the answer of a tool search that the client runs itself
		if !jsonlit.IsString(b.tool) {
			return nil, wrong("tool_name", "a string")
		}
		return append(parts, translate.Part{Kind: translate.Text, Text: b.tool}), nil
	}
	return nil, wrong("type", `"text", "image", "document", "search_result" or "tool_reference"`)
}

// serverResult tells what a server tool returned in words: of all that stands
// in its content the texts that people may read, not the encrypted state.
func serverResult(kind string, content translate.Value) translate.Value {
	out := append(translate.Value{'"', '['}, kind...)
	out = append(out, ']')
	n := len(out)
	if jsonlit.IsString(content) {
		out = append(append(out, `\n`...), jsonlit.Inner(content)...)
	} else {
		out = readable(out, content, 0)
	}
	if len(out) == n {
		return nil
	}
	return append(out, '"')
}

func readable(out []byte, v translate.Value, depth int) []byte {
	if depth > 8 {
		return out
	}
	for e := range jsonlit.Elements(v) {
		out = readable(out, e, depth+1)
	}
	for name, member := range jsonlit.Fields(v) {
		if !jsonlit.IsString(member) {
			out = readable(out, member, depth+1)
			continue
		}
		switch string(name) {
		case "data": // the text of a fetched page; of any other type it is base64
			if jsonlit.Str(jsonlit.Get(v, "media_type")) != "text/plain" {
				continue
			}
		case "title", "url", "text", "stdout", "stderr", "content", "error_code", "tool_name":
		default:
			continue
		}
		if in := jsonlit.Inner(member); len(in) > 0 {
			out = append(append(out, `\n`...), in...)
		}
	}
	return out
}
