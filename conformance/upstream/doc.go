// Package upstream is a set of scripted AI services on loopback, faithful on the wire to OpenAI Responses, OpenAI Chat
// Completions (as compatible servers speak it), OpenAI Completions, Anthropic Messages and Google Gemini.
//
// One [Server] serves them all. A test takes an [Account] of one dialect, gives it replies in neutral words, and reads
// back every request that arrived with that account's key: the raw bytes and, as [Seen], what the vendor's model would
// have been told. Requests are refused as the vendor would refuse them: unknown and missing fields (judged by the
// vendor's own SDK types, see package shape), broken tool call pairs, empty text, parameters that the model does not
// take.
package upstream
