package messages

import "github.com/fairway-gateway/fairway/translate"

// stopOf reads a stop_reason (anthropic-sdk-go's StopReason). Calls that wait
// for results count for more than the reason, as servers differ there.
func stopOf(reason string, calls bool) translate.StopReason {
	stop := translate.StopUnknown
	switch reason {
	case "end_turn", "stop":
		stop = translate.StopEnd
	case "max_tokens", "length":
		return translate.StopLength
	case "stop_sequence":
		stop = translate.StopSequence
	case "tool_use":
		stop = translate.StopEnd
	case "pause_turn":
		return translate.StopPause
	case "refusal":
		return translate.StopRefusal
	case "model_context_window_exceeded":
		return translate.StopContext
	}
	switch {
	case calls:
		return translate.StopToolUse
	case stop == translate.StopUnknown:
		return translate.StopEnd
	}
	return stop
}

// reasonOf returns the stop_reason of a stop, and false for one that is an
// error to a client.
func reasonOf(stop translate.StopReason, calls bool) (string, bool) {
	switch stop {
	case translate.StopLength:
		return "max_tokens", true
	case translate.StopSequence:
		if calls {
			return "tool_use", true
		}
		return "stop_sequence", true
	case translate.StopToolUse:
		return "tool_use", true
	case translate.StopRefusal, translate.StopFilter:
		return "refusal", true
	case translate.StopContext:
		return "model_context_window_exceeded", true
	case translate.StopPause:
		return "pause_turn", true
	case translate.StopMalformedCall:
		return "", false
	}
	if calls {
		return "tool_use", true
	}
	return "end_turn", true
}

// malformedCall is what a client is told where the model wrote a tool call that
// cannot be used.
func malformedCall() *translate.Error {
	return &translate.Error{Kind: translate.Upstream, Code: "upstream_malformed_tool_call",
		Message: "the model wrote a tool call that cannot be used; trying again may help"}
}
