package main

import (
	"fmt"
	"strings"

	"peerscope/engine/wire"
)

// A kind is a request that both nodes answer.
type kind int

const (
	ping kind = iota
	similarity
	introduction
)

// kinds are all of them, in the order of the report.
var kinds = []kind{ping, similarity, introduction}

// String is the kind's name on the command line and in the report.
func (k kind) String() string { return [...]string{"ping", "similarity", "introduction"}[k] }

// answer is the message that answers the request.
func (k kind) answer() wire.MessageID {
	return [...]wire.MessageID{wire.PongID, wire.SimilarityResponseID, wire.IntroductionResponseID}[k]
}

// parseKinds reads a list such as "ping,introduction"; empty means all.
func parseKinds(text string) ([]kind, error) {
	if text == "" {
		return kinds, nil
	}
	var list []kind
	for name := range strings.SplitSeq(text, ",") {
		k, err := parseKind(name)
		if err != nil {
			return nil, err
		}
		list = append(list, k)
	}
	return list, nil
}

func parseKind(name string) (kind, error) {
	for _, k := range kinds {
		if k.String() == name {
			return k, nil
		}
	}
	return 0, fmt.Errorf("unknown request %q; known: ping, similarity, introduction", name)
}
