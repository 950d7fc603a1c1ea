package translate

// ValueLosses returns what dialects may lose of a field by its value, or by what
// the model takes, where LossTable says that they carry it: encoders find out
// and note it. An action is the worst that may happen; Silent means that it
// happens without a note, because the answer is the same.
func ValueLosses() []Row {
	const (
		ok, si, ap, em, dr = Carried, Silent, Approximated, Emulated, Dropped
	)
	return []Row{
		// Field                     Chat Compl Resp Mess Gem
		{"temperature", dr, dr, dr, dr, dr, "dropped where the model, or its thinking, takes none"},
		{"top_p", dr, dr, dr, dr, dr, "dropped where the model, or its thinking, takes none; Messages takes it or temperature"},
		{"top_k", ok, ok, ok, dr, dr, "dropped where the model, or its thinking, takes none"},
		{"seed", ok, ok, ok, ok, dr, "dropped beyond 32 bits"},
		{"stop", ap, ap, ok, dr, ap, "OpenAI takes 4 and Gemini 5; Messages takes none of white space alone"},
		{"logprobs", ok, ap, ok, ok, ok, "Completions tells at most 5 for a token"},
		{"max_output_tokens", ok, ok, ap, ap, ap, "brought within what the model takes"},
		{"format_schema", ap, ok, ap, ap, ok, "OpenAI does not bind to a schema that its strict mode cannot take; Messages reads some keywords as words"},
		{"reasoning", dr, ok, dr, dr, dr, "in the model's own terms, to the nearest; dropped where it does not think, or cannot in mid-loop"},
		{"reasoning_show", si, si, ok, si, ok, "servers and models show their reasoning as they do"},
		{"user", ap, ap, ap, dr, ok, "OpenAI takes 64 characters, longer ones become a hash; Messages takes 512"},
		{"prompt_cache_key", ok, ok, ap, ok, ok, "a hash where it is longer than 64 characters"},
		{"tool_strict", ok, ok, ok, dr, ok, "Messages takes 20 strict tools, and reads some keywords of theirs as words"},
		{"tool_choice", ap, ok, ok, ap, ok, "auto where the model refuses to be forced"},
		{"tool_call_arguments", ok, ok, ok, ap, ap, "wrapped as {\"_raw\": text} where they are no JSON object"},
		{"mid_system", ok, ok, ok, em, ok, "as user text in <system> tags, where the model takes none"},
		{"assistant_media", dr, ok, dr, dr, ok, "what a model drew or spoke cannot be said to it again"},
		{"cache_breakpoint", si, ok, si, si, ok, "four at most; the last ones cover what the first did; in OpenAI's dialects for the models that take any"},
		{"service_tier", ok, ok, ok, ok, dr, "Gemini knows flex and priority"},
		{"web_search", dr, ok, ok, ok, dr, "dropped where the model takes none, or none beside functions"},
		{"web_search_blocked", ok, ok, ok, dr, ok, "Messages takes the sites allowed or those blocked"},
		{"text_borders", si, si, ok, ok, ok, "texts of one message become one, and stand before its tool calls"},
	}
}
