package main

// The answer to the agent: a line of text, then one tool call whose arguments come in many pieces, streamEvents in all.

const agentSays = "The second save comes from the retry. I change it."

// agentArguments returns the pieces of the call's arguments, n of them; the last holds replyEnd whole.
func agentArguments(n int) []string {
	arguments := `{"file_path":"/home/ann/orders/store/part4.go","edits":[{"old":"retry(save)","new":"once(save) // `
	for len(arguments) < n*12 {
		arguments += "saved by the first attempt already; "
	}
	pieces := make([]string, n)
	for i := range pieces {
		pieces[i] = arguments[i*len(arguments)/n : (i+1)*len(arguments)/n]
	}
	pieces[n-1] += replyEnd + `"}]}`
	return pieces
}

// agentStream returns the agent's answer in the upstream's dialect, which is chat or messages.
func agentStream(d *dialect, model string) events {
	if d.name == "messages" {
		return agentMessagesStream(model)
	}
	return agentChatStream(model)
}

func agentChatStream(model string) events {
	call := func(c object) []byte {
		c["index"] = 0
		return chatChunk(model, object{"tool_calls": []object{c}}, nil)
	}
	e := events{
		open: [][]byte{
			chatChunk(model, object{"role": "assistant", "content": agentSays, "refusal": nil}, nil),
			call(object{"id": "call_bench0009", "type": "function", "function": object{"name": "Edit", "arguments": ""}}),
		},
		end: chatEnd(model, "tool_calls"),
	}
	for _, piece := range agentArguments(streamEvents - len(e.open) - len(e.end)) {
		e.deltas = append(e.deltas, call(object{"function": object{"arguments": piece}}))
	}
	return e
}

func agentMessagesStream(model string) events {
	e := events{
		open: append(messagesOpen(model),
			messagesBlockStart(0, object{"type": "text", "text": ""}),
			messagesDelta(0, object{"type": "text_delta", "text": agentSays}),
			messagesBlockStop(0),
			messagesBlockStart(1, object{"type": "tool_use", "id": "toolu_bench0009", "name": "Edit", "input": object{}}),
		),
		end: append([][]byte{messagesBlockStop(1)}, messagesEnd("tool_use")...),
	}
	for _, piece := range agentArguments(streamEvents - len(e.open) - len(e.end)) {
		e.deltas = append(e.deltas, messagesDelta(1, object{"type": "input_json_delta", "partial_json": piece}))
	}
	return e
}
