package responses

import (
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
	"github.com/fairway-gateway/fairway/translate/openai"
)

func notJSON() *translate.Error {
	return &translate.Error{Kind: translate.Upstream, Message: "the upstream's answer is not JSON"}
}

// failure reads the error of a failed response. Its codes (openai-go's
// responses.ResponseErrorCode) are fewer than the envelope's; those about an
// image or a prompt blame the request.
func failure(v jsonlit.Value) *translate.Error {
	if !jsonlit.IsObject(v) {
		return &translate.Error{Kind: translate.Upstream, Message: "the upstream failed to answer and did not say why"}
	}
	e := openai.DecodeErrorObject(0, v)
	switch e.Code {
	case "invalid_prompt", "bio_policy", "misalignment_policy_violation", "invalid_image", "invalid_image_format", "invalid_base64_image", "invalid_image_url",
		"image_too_large", "image_too_small", "image_parse_error", "image_content_policy_violation", "invalid_image_mode",
		"image_file_too_large", "unsupported_image_media_type", "empty_image_file", "failed_to_download_image",
		"image_file_not_found", "data_residency_mismatch":
		e.Kind = translate.InvalidRequest
	}
	return e
}

// failureCode is the code of a failed response for a client.
func failureCode(k translate.ErrorKind) string {
	switch k {
	case translate.RateLimited, translate.Billing:
		return "rate_limit_exceeded"
	case translate.InvalidRequest, translate.ContextTooLong:
		return "invalid_prompt"
	}
	return "server_error"
}
