package upstream

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// Agent is a tiny deterministic "model" for agent programs: asked to create a file, it first calls a tool that the
// program offers (one that writes files, else a shell, else apply_patch), and when the result has come back it says
// that it is done. Requests without tools get a sentence, or a sample of the JSON schema that they ask for.
//
// A longer task is steps joined by " then ", one tool call each, whatever the result of the one before:
//
//	create notes.txt containing one then run `cat missing.txt` then read pixel.png then replace 'one' with 'two' in notes.txt
//
// It understands the tools of Claude Code (Write, Bash), Codex (exec_command, shell, apply_patch), Gemini CLI
// (write_file, run_shell_command) and OpenCode (write, bash) by their names and by the properties of their schemas. A
// task that speaks of a shell, or of apply_patch, gets that kind of tool.
func Agent(rec *Record) Reply {
	seen := rec.Seen
	usage := Usage{In: len(rec.Body)/4 + 1, Out: 40}
	steps, done := strings.Split(task(seen), " then "), results(seen)
	if result, ok := lastResult(seen); ok && done >= len(steps) {
		return Reply{Usage: usage, Pieces: append(thoughts(seen, "The tool has answered."), Say("Done. ", "The tool said: ", firstLine(resultText(result))))}
	}
	if len(seen.Schema) > 0 {
		return Reply{Usage: usage, Pieces: []Piece{Say(sample(gjson.ParseBytes(seen.Schema)))}}
	}
	tool, args, ok := plan(seen, steps[min(done, len(steps)-1)])
	if !ok {
		return Reply{Usage: usage, Pieces: append(thoughts(seen, "There is nothing to do."), Say("Hello from the ", "scripted model."))}
	}
	call := Use(fmt.Sprintf("call_%012d", len(seen.Turns)), tool.Name, halves(args)...).Signed("c2NyaXB0ZWQgc2lnbmF0dXJl")
	call.Custom = tool.Kind == "custom"
	usage.Reason = 10
	return Reply{Usage: usage, Pieces: append(thoughts(seen, "I shall use "+tool.Name+"."), Say("I will use ", tool.Name, "."), call)}
}

func thoughts(s Seen, text string) []Piece {
	if !s.ShowThinking && s.Effort == "" && s.Budget == "" {
		return nil
	}
	return []Piece{Think("c2NyaXB0ZWQgc2lnbmF0dXJl", halves(text)...)}
}

// halves splits a text in two deltas at a character boundary.
func halves(s string) []string {
	r := []rune(s)
	return []string{string(r[:len(r)/2]), string(r[len(r)/2:])}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	if r := []rune(line); len(r) > 120 {
		line = string(r[:120])
	}
	return line
}

func resultText(p Part) string {
	if p.IsError {
		return "error: " + textOf(p.Parts)
	}
	return textOf(p.Parts)
}

func textOf(parts []Part) string {
	out := ""
	for _, p := range parts {
		out += p.Text
	}
	return out
}

// lastResult finds the result that the model has just been given: one after the last turn in which only the user spoke.
func lastResult(s Seen) (Part, bool) {
	for i, t := range slices.Backward(s.Turns) {
		for _, p := range slices.Backward(t.Parts) {
			if p.Kind == "result" {
				return p, true
			}
		}
		if asks(s.Turns, i) {
			return Part{}, false
		}
	}
	return Part{}, false
}

// asks reports whether in a turn the user speaks. On Chat, whose tool messages hold text only, a user message right
// behind one carries the result's pictures; elsewhere text beside results is the program's.
func asks(turns []Turn, i int) bool {
	return turns[i].Role == "user" && (i == 0 || turns[i-1].Role != "tool") && !hasResult(turns[i])
}

func hasResult(t Turn) bool {
	return slices.ContainsFunc(t.Parts, func(p Part) bool { return p.Kind == "result" })
}

// results counts the turns that brought results since the user last spoke without any.
func results(s Seen) (n int) {
	for i, t := range slices.Backward(s.Turns) {
		switch {
		case hasResult(t):
			// Dialects with a message per result still have one turn of the assistant before them all.
			if i == 0 || !hasResult(s.Turns[i-1]) {
				n++
			}
		case asks(s.Turns, i):
			return n
		}
	}
	return n
}

// task is what the user asked last, without the context that programs wrap in tags.
func task(s Seen) string {
	for i, t := range slices.Backward(s.Turns) {
		if !asks(s.Turns, i) {
			continue
		}
		if out := strings.TrimSpace(untagged(textOf(t.Parts))); out != "" {
			return out
		}
	}
	return ""
}

// untagged drops every <name>…</name> with what it holds.
func untagged(s string) string {
	open := regexp.MustCompile(`<([a-zA-Z_-]+)>`)
	for {
		at := open.FindStringSubmatchIndex(s)
		if at == nil {
			return s
		}
		name := s[at[2]:at[3]]
		_, rest, closed := strings.Cut(s[at[1]:], "</"+name+">")
		if !closed {
			rest = s[at[1]:]
		}
		s = s[:at[0]] + rest
	}
}

// The steps that are no creation of a file.
var (
	runStep     = regexp.MustCompile("(?i)^run `([^`]+)`")
	readStep    = regexp.MustCompile(`(?i)^read ([\w./-]+)`)
	replaceStep = regexp.MustCompile(`(?i)^replace '([^']*)' with '([^']*)' in ([\w./-]+)`)
)

// plan picks a tool for a step of the task and writes its arguments.
func plan(s Seen, what string) (Tool, string, bool) {
	what = strings.TrimSpace(what)
	if m := runStep.FindStringSubmatch(what); m != nil {
		return command(s, m[1])
	}
	if m := readStep.FindStringSubmatch(what); m != nil {
		if t, ok := offered(s, "Read", "read_file", "read", "view_image"); ok {
			return t, fill(t, map[string]any{"file_path": absolute(s, m[1]), "filePath": absolute(s, m[1]), "absolute_path": absolute(s, m[1]), "path": absolute(s, m[1])}), true
		}
		return command(s, "head -c 64 "+m[1])
	}
	if m := replaceStep.FindStringSubmatch(what); m != nil {
		if t, ok := offered(s, "Edit", "replace", "edit"); ok {
			path := absolute(s, m[3])
			return t, fill(t, map[string]any{"file_path": path, "filePath": path, "old_string": m[1], "oldString": m[1],
				"new_string": m[2], "newString": m[2], "instruction": what}), true
		}
		return command(s, "sed -i s/"+m[1]+"/"+m[2]+"/ "+m[3])
	}
	return creation(s, what)
}

func offered(s Seen, names ...string) (Tool, bool) {
	for _, want := range names {
		for _, t := range s.Tools {
			if t.Name == want && t.Kind != "custom" {
				return t, true
			}
		}
	}
	return Tool{}, false
}

// command runs a command in whichever shell is offered.
func command(s Seen, line string) (Tool, string, bool) {
	t, ok := offered(s, shells()...)
	if !ok {
		return Tool{}, "", false
	}
	var value any = line
	for _, key := range []string{"command", "cmd"} {
		if strings.EqualFold(gjson.GetBytes(t.Schema, "properties."+key+".type").String(), "array") {
			value = []string{"bash", "-lc", line}
		}
	}
	return t, fill(t, map[string]any{"command": value, "cmd": value, "description": "Run a command"}), true
}

// fill writes those of the values that a function's schema has a property for, and a sample of whatever else it
// requires.
func fill(t Tool, values map[string]any) string {
	schema := gjson.ParseBytes(t.Schema)
	out := object{}
	schema.Get("properties").ForEach(func(k, v gjson.Result) bool {
		required := slices.ContainsFunc(schema.Get("required").Array(), func(r gjson.Result) bool { return r.String() == k.String() })
		if value, ok := values[k.String()]; ok {
			out = append(out, pair{k.String(), value})
		} else if required {
			out = append(out, pair{k.String(), rawSample(v)})
		}
		return true
	})
	return string(encode(out))
}

func shells() []string {
	return []string{"exec_command", "shell_command", "shell", "local_shell", "run_shell_command", "bash", "Bash"}
}

// creation picks a tool that makes the file which a step names.
func creation(s Seen, what string) (Tool, string, bool) {
	made := what
	if _, rest, ok := strings.Cut(what, "create "); ok {
		made = rest // what stands before it may name attachments
	}
	name := regexp.MustCompile(`[\w./-]*\w\.[a-z]{1,4}\b`).FindString(made)
	if name == "" {
		return Tool{}, "", false
	}
	content := "written by the scripted model"
	if m := regexp.MustCompile(`(?i)(?:containing|with the (?:content|text)) ['"]?([^'"\n]+)`).FindStringSubmatch(what); m != nil {
		content = strings.TrimRight(m[1], ". ")
	}
	writers := []string{"Write", "write_file", "write", "create_file"}
	patches := []string{"apply_patch"}
	order := slices.Concat(writers, shells(), patches)
	switch lower := strings.ToLower(what); {
	case strings.Contains(lower, "apply_patch"):
		order = slices.Concat(patches, order)
	case strings.Contains(lower, "shell"):
		order = slices.Concat(shells(), order)
	}
	for _, want := range order {
		for _, t := range s.Tools {
			if t.Name != want {
				continue
			}
			if t.Kind == "custom" {
				return t, "*** Begin Patch\n*** Add File: " + name + "\n+" + content + "\n*** End Patch\n", true
			}
			if args, ok := arguments(t, s, name, content); ok {
				return t, args, true
			}
		}
	}
	return Tool{}, "", false
}

// arguments fills a function's schema: the path, the content or the command that it asks for, and a sample of whatever
// else it requires.
func arguments(t Tool, s Seen, name, content string) (string, bool) {
	schema := gjson.ParseBytes(t.Schema)
	required := map[string]bool{}
	for _, r := range schema.Get("required").Array() {
		required[r.String()] = true
	}
	command := "printf '%s\\n' '" + content + "' > " + name
	out := object{}
	useful := false
	schema.Get("properties").ForEach(func(k, v gjson.Result) bool {
		switch key := k.String(); {
		case slices.Contains([]string{"file_path", "filePath", "path", "filename"}, key):
			out = append(out, pair{key, absolute(s, name)})
		case slices.Contains([]string{"content", "contents", "text"}, key):
			out, useful = append(out, pair{key, content + "\n"}), true
		case key == "input" && t.Name == "apply_patch":
			out, useful = append(out, pair{key, "*** Begin Patch\n*** Add File: " + name + "\n+" + content + "\n*** End Patch\n"}), true
		case (key == "command" || key == "cmd") && strings.EqualFold(v.Get("type").String(), "array"):
			out, useful = append(out, pair{key, []string{"bash", "-lc", command}}), true
		case key == "command" || key == "cmd":
			out, useful = append(out, pair{key, command}), true
		case key == "description" && required[key]:
			out = append(out, pair{key, "Create " + name})
		case required[key]:
			out = append(out, pair{key, rawSample(v)})
		}
		return true
	})
	return string(encode(out)), useful
}

// absolute puts a name under the directory that the program says it works in.
func absolute(s Seen, name string) string {
	if strings.HasPrefix(name, "/") {
		return name
	}
	said := strings.Join(append(slices.Clone(s.System), s.Texts()...), "\n")
	dir := regexp.MustCompile("(?i)(?:director(?:y|ies):\\**\\s*(?:-\\s*)?|<cwd>)(/[^\\s<\"'`]+)").FindStringSubmatch(said)
	if dir == nil {
		return name
	}
	return strings.TrimRight(dir[1], "/.,") + "/" + name
}
