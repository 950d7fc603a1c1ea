package embeddings

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"strconv"

	"github.com/fairway-gateway/fairway/translate"
	"github.com/fairway-gateway/fairway/translate/jsonlit"
)

// toBase64 returns a vector as OpenAI's encoding_format base64 has it: the
// float32 values, little-endian, as one string.
func toBase64(vector translate.Value) (translate.Value, error) {
	var raw []byte
	for e := range jsonlit.Elements(vector) {
		f, ok := jsonlit.Float(e)
		if !ok {
			return nil, upstreamError("the upstream's answer holds an embedding that is no list of numbers")
		}
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(f)))
	}
	out := make([]byte, 0, base64.StdEncoding.EncodedLen(len(raw))+2)
	out = base64.StdEncoding.AppendEncode(append(out, '"'), raw)
	return append(out, '"'), nil
}

// fromBase64 is the inverse of toBase64.
func fromBase64(literal translate.Value) (translate.Value, error) {
	raw, err := base64.StdEncoding.DecodeString(jsonlit.Str(literal))
	if err != nil || len(raw)%4 != 0 {
		return nil, upstreamError("the upstream's answer holds an embedding that is no base64 of numbers")
	}
	out := append(make([]byte, 0, 3*len(raw)+2), '[')
	for i := 0; i < len(raw); i += 4 {
		f := float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[i:])))
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, upstreamError("the upstream's answer holds an embedding that is not finite")
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = strconv.AppendFloat(out, f, 'g', -1, 32)
	}
	return append(out, ']'), nil
}
