package accounts

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Classify judges an attempt, whatever dialect its upstream speaks. It looks at error types and codes first, because
// vendors disagree about statuses (Google and xAI report a bad key as 400, quota hides in 403 and 429), then at the status.
// Human text decides only where a vendor has nothing else to tell cases apart, and under a 400 or 404 only by how it begins:
// upstreams quote the request there, and no request may talk the gateway into cooling an account.
func Classify(s Sign, now time.Time) Verdict {
	c := newClues(s)
	v := Verdict{Outcome: c.outcome()}
	v.Detail = c.detail(v.Outcome)
	v.Limits = s.Quota(now)
	switch v.Outcome {
	case RateLimited, Overloaded, Transient:
		v.Until = resetTime(s, now)
	case QuotaExhausted:
		v.Account = !c.perModel()
		// Google sends a short RetryInfo even when a quota per day is gone.
		if !c.perDay() {
			v.Until = resetTime(s, now)
		}
	case CredentialInvalid, BrokenStream:
		v.Account = true
	}
	if v.Outcome == Transient {
		v.Account = true
	}
	return v
}

// clues is a sign made comparable.
type clues struct {
	Sign
	status  int      // with the error's own code in place of a 200
	words   []string // type and code, lower case, letters and digits only
	message string   // lower case
	page    bool     // a web page came instead of JSON
}

func newClues(s Sign) clues {
	c := clues{Sign: s, status: s.Status, message: strings.ToLower(strings.TrimSpace(s.Message))}
	for _, w := range []string{s.Code, s.Type} {
		if n, err := strconv.Atoi(w); err == nil {
			// OpenRouter and Gemini put the status into the error of a stream that began with 200.
			if (s.Status == 0 || s.Status < 300) && n >= 400 && n < 600 {
				c.status = n
				continue
			}
		}
		if w = plain(w); w != "" {
			c.words = append(c.words, w)
		}
	}
	contentType := strings.ToLower(s.Header.Get("Content-Type"))
	c.page = strings.HasPrefix(contentType, "text/html") || strings.HasPrefix(c.message, "<!doctype") || strings.HasPrefix(c.message, "<html")
	return c
}

// plain keeps ASCII letters and digits, in lower case, so that RESOURCE_EXHAUSTED and resourceExhausted are one word.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return -1
	}, s)
}

func (c clues) word(set ...string) bool {
	for _, w := range c.words {
		for _, s := range set {
			if w == s {
				return true
			}
		}
	}
	return false
}

// says reports whether the message begins with one of the phrases; where a limit or a refusal is certain anyway (402, 403,
// 429), also whether it contains one.
func (c clues) says(phrases ...string) bool {
	anywhere := c.status == http.StatusPaymentRequired || c.status == http.StatusForbidden || c.status == http.StatusTooManyRequests
	for _, p := range phrases {
		if strings.HasPrefix(c.message, p) || anywhere && strings.Contains(c.message, p) {
			return true
		}
	}
	return false
}

func (c clues) outcome() Outcome {
	switch {
	case errors.Is(c.Err, context.Canceled):
		return Canceled
	case c.Err != nil && c.Status >= 200 && c.Status < 300 && !c.FirstFrame:
		return BrokenStream
	case c.page:
		return c.webPage()
	case c.Err == nil && !c.FirstFrame && c.Status >= 200 && c.Status < 300 && len(c.words) == 0 && c.message == "":
		return OK
	}
	if o := c.byWords(); o != 0 {
		return o
	}
	if o := c.byMessage(); o != 0 {
		return o
	}
	return c.byStatus()
}

// byWords judges by error type and code. Words that only repeat the status are left to it.
func (c clues) byWords() Outcome {
	switch {
	case c.word("invalidapikey", "apikeyinvalid", "apikeyexpired", "authenticationerror", "unauthenticated", "invalidgrant",
		"accountdeactivated", "invalidauthentication", "tokenexpired", "apikeyserviceblocked",
		// AWS "Common error types"
		"unrecognizedclientexception", "invalidsignatureexception", "expiredtokenexception", "incompletesignature",
		"missingauthenticationtoken", "invalidclienttokenid") && c.status != http.StatusTooManyRequests:
		return CredentialInvalid
	case c.word("insufficientquota", "creditbalanceexhausted", "billingerror", "billinghardlimitreached", "billingnotactive",
		"enforcedspendlimitreached", "spendlimitreached", "quotaexceeded", "dailylimitexceeded", "insufficientbalance",
		"insufficientcredits", "paymentrequired", "exceededcurrentquotaerror", "usagelimitreached", "arrearage",
		"servicequotaexceededexception"):
		return QuotaExhausted
	case c.word("1113", "1308", "1310"): // Z.AI: in arrears, usage limits of a period
		return QuotaExhausted
	case c.word("overloadederror", "overloaded", "serverisoverloaded", "serveroverloaded", "engineoverloaded",
		"engineoverloadederror", "capacityexceeded", "modeloverloaded", "modelnotreadyexception",
		"serviceunavailableexception"):
		return Overloaded
	case c.word("ratelimitexceeded", "ratelimiterror", "ratelimited", "slowdown", "resourceexhausted", "toomanyrequests",
		"throttlingexception", "throttling", "toomanyrequestsexception"),
		c.status == http.StatusTooManyRequests:
		if c.NoRetry || c.perDay() || plain(c.Header.Get("X-Should-Retry")) == "false" || c.says(noMoney...) {
			return QuotaExhausted
		}
		if c.says("the engine is currently overloaded", "engine is overloaded", "model is overloaded") {
			return Overloaded
		}
		return RateLimited
	case c.word("modelnotfound", "modelnotavailable", "unsupportedmodel", "modelnotsupported", "invalidmodel", "modeldecommissioned",
		"deploymentnotfound", "operationnotsupported", "modelaccessdenied", "unknownmodel", "modelnotexist"):
		return ModelUnavailable
	case c.word("modelerrorexception", "modelstreamerrorexception", "modeltimeoutexception", "internalserverexception"): // Bedrock, as 424 and 408
		return Transient
	case c.word("contextlengthexceeded", "requesttoolarge", "stringabovemaxlength", "exceedcontextsizeerror", "previousresponsenotfound",
		"invalidencryptedcontent", "contentpolicyviolation", "contentfilter"):
		return CallerFault
	}
	if c.status >= 400 && c.status < 600 {
		return 0
	}
	// No status worth its name: the first frame of a stream, or an event inside one.
	switch {
	case c.word("permissionerror", "permissiondenied"):
		return PermissionDenied
	case c.word("notfounderror", "notfound"):
		return ModelUnavailable
	case c.word("invalidrequesterror", "invalidargument", "failedprecondition", "invalidprompt", "outofrange", "conflicterror"):
		return CallerFault
	case c.word("unavailable"):
		return Overloaded
	}
	return 0
}

// noMoney are the ways to say that a balance or a limit of spending is used up.
var noMoney = []string{
	"your credit balance is too low",        // Anthropic, as 400 invalid_request_error
	"you have reached your specified api",   // Anthropic: "… API usage limits", as 400
	"insufficient balance",                  // DeepSeek, as 402
	"insufficient credits",                  // OpenRouter
	"used all available credits",            // xAI
	"reached its monthly spending limit",    // xAI
	"monthly spend limit", "spending limit", // several
	"billing hard limit has been reached",     // OpenAI
	"your prepayment credits are depleted",    // Google
	"weekly usage limit", "daily usage limit", // subscriptions
}

// byMessage judges where a vendor's codes do not tell cases apart.
func (c clues) byMessage() Outcome {
	if c.message == "" || c.status >= 500 {
		return 0
	}
	switch {
	case c.says("api key not valid", "api key expired", "incorrect api key", "invalid api key", "your api key was reported as leaked",
		"this organization has been disabled", "authentication fails"):
		return CredentialInvalid
	case c.says(noMoney...):
		return QuotaExhausted
	case c.says("user location is not supported"): // Google, as 400 FAILED_PRECONDITION
		return PermissionDenied
	case c.status == http.StatusBadRequest && c.says("model not exist", "the model is not supported", "this model is not supported",
		"the provided model identifier is invalid", "invocation of model id", "publisher model "): // the last ones are Bedrock's and Vertex AI's
		return ModelUnavailable
	case c.status == http.StatusBadRequest && strings.HasSuffix(c.message, " is not a valid model id"): // OpenRouter
		return ModelUnavailable
	case c.status == http.StatusForbidden && c.says("was flagged", "requires moderation", "cachedcontent not found"):
		return CallerFault
	case c.status == http.StatusNotFound && c.says("item with id", "previous response with id", "response with id", "file not found", "no such file",
		"no file with id", "container with id", "container not found", "conversation with id", "cachedcontent not found", "vector store with id", "prompt with id"):
		return CallerFault // something else that the request names is missing
	}
	return 0
}

func (c clues) byStatus() Outcome {
	switch c.status {
	case http.StatusPaymentRequired:
		return QuotaExhausted
	case http.StatusUnauthorized:
		if c.word("permissiondenied") { // Azure: the key is good, its role is not
			return PermissionDenied
		}
		return CredentialInvalid
	case http.StatusForbidden:
		return PermissionDenied
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone:
		return ModelUnavailable
	case http.StatusServiceUnavailable, statusOverloaded, statusCapacity:
		return Overloaded
	case http.StatusRequestTimeout, http.StatusProxyAuthRequired, http.StatusTooEarly, statusClientClosed:
		return Transient
	}
	if c.status >= 400 && c.status < 500 {
		return CallerFault
	}
	return Transient // 5xx, redirects, no response, and a first frame that says nothing
}

const (
	statusCapacity     = 498 // Groq: flex tier capacity exceeded
	statusClientClosed = 499 // Google: CANCELLED, though the caller did not
	statusOverloaded   = 529 // Anthropic: overloaded_error
)

// webPage judges an answer that did not come from an API: a proxy's error page, a challenge, a wrong base URL.
func (c clues) webPage() Outcome {
	switch {
	case c.status == http.StatusTooManyRequests:
		return RateLimited
	case c.status == http.StatusServiceUnavailable, c.status == statusOverloaded:
		return Overloaded
	case c.status == http.StatusNotFound, c.status == http.StatusMethodNotAllowed:
		return ModelUnavailable
	case c.status == http.StatusUnauthorized:
		return CredentialInvalid
	case c.status == http.StatusRequestEntityTooLarge:
		return CallerFault
	}
	return Transient
}

func (c clues) perDay() bool { return c.quotaNames("perday") }

// perModel reports whether the quota that is used up belongs to the model rather than to the account.
func (c clues) perModel() bool { return c.quotaNames("permodel") }

func (c clues) quotaNames(part string) bool {
	for _, id := range c.QuotaIDs {
		if strings.Contains(plain(id), part) {
			return true
		}
	}
	return false
}
