package gemini

import "github.com/fairway-gateway/fairway/translate"

// stopOf translates a genai.FinishReason. Reasons that speak of an answer that
// cannot be used are malformed; reasons unknown, today or to come, are
// StopUnknown. CONTINUATION, a long answer that another request resumes, counts
// as one that was cut at the output limit where nobody does.
func stopOf(reason string) (stop translate.StopReason, malformed bool) {
	switch reason {
	case "STOP":
		return translate.StopEnd, false
	case "MAX_TOKENS", "CONTINUATION":
		return translate.StopLength, false
	case "SAFETY", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "RECITATION", "LANGUAGE",
		"IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION":
		return translate.StopFilter, false
	case "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS",
		"MISSING_THOUGHT_SIGNATURE", "MALFORMED_RESPONSE":
		return translate.StopMalformedCall, true
	}
	return translate.StopUnknown, false
}

// reasonOf is the genai.FinishReason of a stop. There is none for tool calls:
// an answer that holds some finishes with STOP, and clients rely on that.
func reasonOf(stop translate.StopReason) string {
	switch stop {
	case translate.StopLength, translate.StopContext:
		return "MAX_TOKENS"
	case translate.StopFilter:
		return "SAFETY"
	case translate.StopRefusal:
		return "PROHIBITED_CONTENT"
	case translate.StopMalformedCall:
		return "MALFORMED_FUNCTION_CALL"
	}
	return "STOP"
}
