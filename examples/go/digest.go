// Package digest sends the morning digest: one message to oneself about every dialog that waits.
package digest

import (
	"fmt"
	"strings"
	"time"
)

const week = 7 * 24 * time.Hour

type row struct {
	Title   string
	Counter int
	Message struct {
		Text string
		Date time.Time
	}
}

// Send returns the id of the message; 0 when nothing waits, or only what is older than a week.
func Send(portal *Portal) (int, error) {
	var now time.Time
	var rows []row
	if err := portal.Call("server.time", nil, &now); err != nil {
		return 0, err
	}
	if err := portal.Call("im.recent.get", Params{"SKIP_OPENLINES": "Y"}, &rows); err != nil {
		return 0, err
	}
	text := describe(rows, now)
	if text == "" {
		return 0, nil
	}
	var me struct{ ID string }
	var id int
	if err := portal.Call("profile", nil, &me); err != nil {
		return 0, err
	}
	err := portal.Call("im.message.add", Params{"DIALOG_ID": me.ID, "MESSAGE": text}, &id)
	return id, err
}

func describe(rows []row, now time.Time) string {
	var lines []string
	for _, row := range rows {
		if row.Counter > 0 && now.Sub(row.Message.Date) < week {
			lines = append(lines, fmt.Sprintf("%s: %d unread, the last one: %s", row.Title, row.Counter, row.Message.Text))
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return "Good morning! This waits for you:\n" + strings.Join(lines, "\n")
}
