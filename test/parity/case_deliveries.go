package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

var deliveryCases = []parityCase{
	{name: "deliveries-signature", about: "what the signature of a delivery covers, its headers, the test event", receiver: true, play: playSignature},
	{name: "deliveries-user", about: "user and password of a sink's address: sent as what, and signed or not", receiver: true, play: playUser},
	{name: "deliveries-repeat", about: "what is refused with 503 and with 429 comes again, under the same id", receiver: true, play: playRepeat},
	{name: "deliveries-drop", about: "what is refused with 404 never comes again", receiver: true, play: playDrop},
	{name: "deliveries-batch", about: "how many events come in one request, when three happen at once", receiver: true, play: playBatch},
	{name: "deliveries-task", about: "the events of a task, from its creation to its end", receiver: true, play: playTaskEvents},
}

// hook is a path of the receiver that is this run's own.
func (r *run) hook() (path, address string) {
	path = "/" + r.name("hook")
	r.stand(r.receiver.base, "<receiver>")
	return path, r.receiver.base + path
}

// test makes a sink that leads to an address, asks for its test event, and waits until n deliveries have come.
func (r *run) test(path, address string, n int) {
	sid := r.sink("sink", address)
	r.call("test", http.MethodPost, sinks+"/"+sid+"/Test", nil)
	r.await(path, n)
}

// await waits until n deliveries have come.
func (r *run) await(path string, n int) {
	if err := r.until(r.ctx, r.patience, func() bool { return len(r.receiver.at(path)) >= n }); err != nil {
		panic(stopped{err: err})
	}
}

// keep keeps what came at a path, in the order in which it came.
func (r *run) keep(path, address string) {
	for _, d := range r.receiver.at(path) {
		kept := exchange{Step: "delivery", Request: "delivery", Status: d.status, Headers: map[string]string{
			"Content-Type": d.header.Get("Content-Type"), "signed": r.signed(address, d), "of Twilio": strings.Join(twilioHeaders(d.header), ", "),
		}}
		if user, password, sent := (&http.Request{Header: d.header}).BasicAuth(); sent {
			kept.Headers["Authorization"] = "Basic " + user + ":" + password
		}
		var events any
		if json.Unmarshal(d.body, &events) != nil {
			events = "no JSON"
		}
		kept.Body = r.normaliser.value("", events)
		r.exchanges = append(r.exchanges, kept)
	}
}

// twilioHeaders are the names of the headers that are Twilio's own: what is between it and the receiver adds others.
func twilioHeaders(header http.Header) []string {
	var names []string
	for _, name := range sortedKeys(header) {
		if strings.Contains(name, "Twilio") {
			names = append(names, name)
		}
	}
	return names
}

// signed says which form of the address the signature covers.
func (r *run) signed(address string, d delivery) string {
	hash := sha256.Sum256(d.body)
	at, err := url.Parse(address)
	if err != nil || !strings.HasSuffix(d.uri, "bodySHA256="+hex.EncodeToString(hash[:])) {
		return "not the body"
	}
	user := at.User
	for _, form := range []struct {
		name string
		user *url.Userinfo
		port string
	}{{"the address", nil, ""}, {"the address with its port", nil, ":443"}, {"the address with its user", user, ""}, {"the address with both", user, ":443"}} {
		signed := *at
		signed.User, signed.Host = form.user, at.Host+form.port
		mac := hmac.New(sha1.New, []byte(r.token))
		mac.Write([]byte(signed.String() + "?bodySHA256=" + hex.EncodeToString(hash[:])))
		if hmac.Equal([]byte(base64.StdEncoding.EncodeToString(mac.Sum(nil))), []byte(d.header.Get("X-Twilio-Signature"))) {
			return form.name
		}
	}
	return "none of the forms that were tried"
}

func playSignature(r *run) {
	path, address := r.hook()
	r.test(path, address, 1)
	r.keep(path, address)
}

func playUser(r *run) {
	path, address := r.hook()
	address = strings.Replace(address, "https://", "https://user:password@", 1)
	r.stand(strings.TrimSuffix(address, path), "<receiver:user>")
	r.test(path, address, 1)
	r.keep(path, address)
}

func playRepeat(r *run) {
	path, address := r.hook()
	r.receiver.expect(path, http.StatusServiceUnavailable, http.StatusTooManyRequests)
	r.test(path, address, 3)
	r.keep(path, address)
}

func playDrop(r *run) {
	path, address := r.hook()
	r.receiver.expect(path, http.StatusNotFound)
	r.test(path, address, 1)
	r.wait(r.disappointed)
	r.keep(path, address)
}

// subscribed makes a workspace whose tasks' beginnings and ends go to a path of the receiver.
func (r *run) subscribed(address string) (tasks string) {
	sink := r.sink("sink", address)
	tasks = r.tasks()
	r.make("subscription", subscriptions, "Description", r.name("subscription"), "SinkSid", sink,
		"Types", `{"type":"`+taskCreated+`"}`, "Types", `{"type":"`+taskCanceled+`"}`)
	return tasks
}

// playBatch keeps only how many events each request had: which three they are, deliveries-task shows of one.
func playBatch(r *run) {
	path, address := r.hook()
	tasks := r.subscribed(address)
	for _, label := range []string{"one", "two", "three"} {
		r.call("create "+label, http.MethodPost, tasks, []string{"Attributes", "{}"})
	}
	sizes := func() (list []int, total int) {
		for _, d := range r.receiver.at(path) {
			var events []any
			if json.Unmarshal(d.body, &events) == nil {
				list, total = append(list, len(events)), total+len(events)
			}
		}
		return list, total
	}
	err := r.until(r.ctx, r.patience, func() bool { _, total := sizes(); return total >= 3 })
	if err != nil {
		panic(stopped{err: err})
	}
	list, _ := sizes()
	r.exchanges = append(r.exchanges, exchange{Step: "events in each delivery", Request: "deliveries", Body: list})
}

func playTaskEvents(r *run) {
	path, address := r.hook()
	tasks := r.subscribed(address)
	made := r.call("create", http.MethodPost, tasks, []string{"Attributes", `{"conversationSid":"CH0123456789abcdef0123456789abcdef"}`})
	sid := r.sid(made)
	r.await(path, 1)
	r.call("cancel", http.MethodPost, tasks+"/"+sid, []string{"AssignmentStatus", "canceled", "Reason", r.value("reason")})
	r.await(path, 2)
	r.keep(path, address)
}
