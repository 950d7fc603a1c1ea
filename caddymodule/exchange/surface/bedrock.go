package surface

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"

	"github.com/fairway-gateway/fairway/accounts"
	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

const (
	// bedrockVersion is the version of the Messages API on Amazon Bedrock, a member of the body (AWS "Anthropic Claude Messages
	// API").
	bedrockVersion = "bedrock-2023-05-31"
	// bedrockService is what Bedrock's requests are signed for (anthropic-sdk-go's package bedrock).
	bedrockService = "bedrock"
	// eventStreamType is the media type of InvokeModelWithResponseStream's answers.
	eventStreamType = "application/vnd.amazon.eventstream"
)

// bedrockPlace returns where Bedrock has an operation (AWS "InvokeModel", "InvokeModelWithResponseStream"). A model may be an
// ARN, whose slashes and colons are escaped. Bedrock counts tokens by another protocol, which is left to an estimate.
func (d Door) bedrockPlace() (path string, ok bool) {
	verb := "/invoke"
	if d.Stream {
		verb = "/invoke-with-response-stream"
	}
	return "/model/" + url.QueryEscape(d.name()) + verb, d.Operation == translate.Generate
}

// bedrockRequest brings a request into Bedrock's form: the model and whether to stream stand in the path, and the version and
// the betas in the body (anthropic-sdk-go's package bedrock). It removes the headers that say so elsewhere.
func bedrockRequest(header http.Header, body []byte) []byte {
	body = add(without(body, "model", "stream"), "anthropic_version", jsonlit.Quote(bedrockVersion))
	w, any := jsonlit.NewWriter(nil), false
	w.Array()
	for _, value := range header["Anthropic-Beta"] {
		for beta := range strings.SplitSeq(value, ",") {
			if beta = strings.TrimSpace(beta); beta != "" {
				w.String(beta)
				any = true
			}
		}
	}
	w.EndArray()
	if any {
		body = add(body, "anthropic_beta", w.Bytes())
	}
	header.Del("Anthropic-Beta")
	header.Del("Anthropic-Version")
	header.Set("Accept", "application/json")
	return body
}

// sign signs a request where the credential does so.
func (d Door) sign(req *http.Request, body []byte) error {
	signer, ok := d.Account.Credential.(accounts.Signer)
	if !ok {
		return nil
	}
	sum := sha256.Sum256(body)
	return signer.Sign(req.Context(), req, hex.EncodeToString(sum[:]), bedrockService, d.Endpoint.Region, d.Now())
}

// amazonError reads an error of AWS: its type stands in a header or in the body (Smithy "AWS restJson1 protocol", Operation
// error serialization), the message in the body.
func amazonError(status int, header http.Header, body []byte) (*translate.Error, string) {
	word := header.Get("X-Amzn-Errortype")
	for _, name := range []string{"__type", "code"} {
		if word == "" {
			word = jsonlit.Str(jsonlit.Get(body, name))
		}
	}
	word, _, _ = strings.Cut(word, ":") // a URI may follow
	word = word[strings.LastIndexByte(word, '#')+1:]
	message := jsonlit.Str(jsonlit.Get(body, "message"))
	if message == "" {
		message = jsonlit.Str(jsonlit.Get(body, "Message"))
	}
	return amazonKind(status, word, message), word
}

// amazonKind makes an error of Bedrock's own words, which begin with a small letter inside a stream.
func amazonKind(status int, word, message string) *translate.Error {
	e := &translate.Error{Kind: translate.KindOfStatus(status), Status: status, Message: message}
	switch strings.ToLower(word) {
	case "throttlingexception", "toomanyrequestsexception":
		e.Kind = translate.RateLimited
	case "servicequotaexceededexception":
		e.Kind = translate.Billing
	case "modelnotreadyexception", "serviceunavailableexception":
		e.Kind = translate.Overloaded
	case "modeltimeoutexception":
		e.Kind = translate.Timeout
	case "modelerrorexception", "modelstreamerrorexception", "internalserverexception":
		e.Kind = translate.Upstream
	case "validationexception":
		e.Kind = translate.InvalidRequest
	case "accessdeniedexception":
		e.Kind = translate.Forbidden
	case "resourcenotfoundexception":
		e.Kind = translate.NotFound
	case "expiredtokenexception", "unrecognizedclientexception", "invalidsignatureexception", "incompletesignature", "missingauthenticationtoken":
		e.Kind = translate.Unauthenticated
	}
	if e.Message == "" {
		e.Message = "Amazon Bedrock reported an error without a message"
	}
	return e
}
