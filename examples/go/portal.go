package digest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const tries = 4

type Params map[string]any

type PortalError struct {
	Method string
	Code   string `json:"error"`
	Text   string `json:"error_description"`
}

func (e *PortalError) Error() string { return fmt.Sprintf("%s: %s: %s", e.Method, e.Code, e.Text) }

// Portal calls a portal by the address of a webhook.
type Portal struct {
	Webhook string
	// Pause comes before a call is tried again; each further one is twice as long.
	Pause time.Duration
}

// Call gives the result of a method, or a *PortalError.
func (p *Portal) Call(method string, params Params, result any) error {
	for attempt := 0; ; attempt++ {
		refused, err := p.post(method, params, result)
		if err != nil || refused == nil {
			return err
		}
		if refused.Code != "QUERY_LIMIT_EXCEEDED" || attempt == tries-1 {
			return refused
		}
		time.Sleep(p.Pause << attempt)
	}
}

func (p *Portal) post(method string, params Params, result any) (*PortalError, error) {
	if params == nil {
		params = Params{}
	}
	body, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	response, err := http.Post(p.Webhook+method, "application/json", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer := struct {
		PortalError
		Result json.RawMessage
	}{PortalError: PortalError{Method: method}}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return nil, err
	}
	if answer.Code != "" {
		return &answer.PortalError, nil
	}
	return nil, json.Unmarshal(answer.Result, result)
}
