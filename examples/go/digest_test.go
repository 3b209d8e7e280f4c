package digest

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestDigest(t *testing.T) {
	portal := startPortal(t)
	boris := &Portal{Webhook: portal.addUser("Boris")}
	anna := &Portal{Webhook: portal.admin, Pause: time.Millisecond}

	hears := func(texts ...string) {
		for _, text := range texts {
			var id int
			portal.must(boris.Call("im.message.add", Params{"DIALOG_ID": 1, "MESSAGE": text}, &id))
		}
	}
	rehearse := func(next string) {
		portal.tidemark("rehearse", "--webhook", portal.admin, "--method", "im.recent.get", "--error", "QUERY_LIMIT_EXCEEDED", "--next", next)
	}
	// What she has written to herself last.
	note := func() string {
		var history struct{ Messages []struct{ Text string } }
		portal.must(anna.Call("im.dialog.messages.get", Params{"DIALOG_ID": 1}, &history))
		return history.Messages[0].Text
	}
	// With nothing unread before it.
	test := func(name string, work func(t *testing.T)) {
		var done any
		portal.must(anna.Call("im.dialog.read.all", nil, &done))
		t.Run(name, work)
	}

	test("it names what is unread, and how much of it", func(t *testing.T) {
		hears("Soup?", "At noon")
		if _, err := Send(anna); err != nil {
			t.Fatal(err)
		}
		if want := "Good morning! This waits for you:\nBoris: 2 unread, the last one: At noon"; note() != want {
			t.Errorf("got %q", note())
		}
	})

	test("it says nothing where nothing waits", func(t *testing.T) {
		if id, err := Send(anna); id != 0 || err != nil {
			t.Errorf("got %d, %v", id, err)
		}
	})

	test("it tries again when it has called too often", func(t *testing.T) {
		hears("Cake?")
		rehearse("2")
		if _, err := Send(anna); err != nil || !strings.HasSuffix(note(), "Cake?") {
			t.Errorf("got %q, %v", note(), err)
		}
	})

	test("it gives up in the end", func(t *testing.T) {
		rehearse("4")
		var refused *PortalError
		if _, err := Send(anna); !errors.As(err, &refused) || refused.Code != "QUERY_LIMIT_EXCEEDED" {
			t.Errorf("got %v", err)
		}
	})

	test("what is older than a week is left alone", func(t *testing.T) {
		hears("Still there?")
		portal.tidemark("clock", "advance", "8d")
		if id, err := Send(anna); id != 0 || err != nil {
			t.Errorf("got %d, %v", id, err)
		}
	})
}
