package digest

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// A portal for a test: the server of the npm package `tidemark`, in a folder that goes with it.
type testPortal struct {
	t *testing.T
	// Address of a webhook of the administrator's.
	admin       string
	environment []string
}

func startPortal(t *testing.T) *testPortal {
	p := &testPortal{t: t, environment: append(os.Environ(), "TIDEMARK_DATA="+filepath.Join(t.TempDir(), "data"))}
	server := p.command("serve", "--empty", "--json", "--port", "0", "--tls-port", "0", "--log-level", "error")
	stdout, err := server.StdoutPipe()
	p.must(err)
	p.must(server.Start())
	// One line, once it is ready: its addresses, a webhook of the administrator's, and its process.
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	p.must(err)
	var ready struct {
		Pid   int
		Admin struct{ Webhook string }
	}
	p.must(json.Unmarshal(line, &ready))
	t.Cleanup(func() {
		// The server itself: npx does not pass signals on.
		syscall.Kill(ready.Pid, syscall.SIGTERM)
		server.Wait()
	})
	p.admin = ready.Admin.Webhook
	p.tidemark("portal", "set", "--rehearsals", "--movable-clock")
	return p
}

// Runs a command on the portal. Returns what it prints.
func (p *testPortal) tidemark(command ...string) []byte {
	p.t.Helper()
	printed, err := p.command(append(command, "--json")...).Output()
	p.must(err)
	return printed
}

// Returns the address of a webhook of the new user's.
func (p *testPortal) addUser(name string) string {
	var user struct{ Id int }
	var webhook struct{ Url string }
	p.must(json.Unmarshal(p.tidemark("user", "add", "--name", name), &user))
	p.must(json.Unmarshal(p.tidemark("webhook", "add", "--user", strconv.Itoa(user.Id), "--scope", "im,user"), &webhook))
	return webhook.Url
}

func (p *testPortal) command(args ...string) *exec.Cmd {
	command := exec.Command("npx", append([]string{"tidemark"}, args...)...)
	command.Env, command.Stderr = p.environment, os.Stderr
	return command
}

func (p *testPortal) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}
