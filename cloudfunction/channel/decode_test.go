package channel_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// fields returns the JSON of a sound record of the second schema, with some fields set to
// other JSON, or left out where it is "".
func fields(set map[string]string) string {
	all := map[string]string{
		"version": "2", "sid": `"` + sid("CH", 1) + `"`, "backend": `"chat"`, "tasks": "{}", "status": `"tracking"`,
	}
	for name, value := range set {
		all[name] = value
	}
	var members []string
	for name, value := range all {
		if value != "" {
			members = append(members, `"`+name+`":`+value)
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// Whatever stands in a ledger document gets into the paths of requests.
func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	const secret = "Ann Canary"
	quoted := func(kind string) string { return `"` + sid(kind, 1) + `"` }
	interaction := func(kd, uo string) string {
		return `{"sid":` + kd + `,"channel_sid":` + uo + `,"time":"2026-03-01T12:00:00Z"}`
	}
	task := func(name, more string) string {
		return `{` + name + `:{"phase":"open","time":"2026-03-01T12:00:00Z"` + more + `}}`
	}
	claim := func(target string) string { return `{"run":"r","time":"2026-03-01T12:00:00Z",` + target + `}` }
	for name, row := range map[string]struct {
		reason string
		raw    string
		err    string // "" if it is a record
	}{
		"sound":                        {"the one that the others differ from", fields(nil), ""},
		"nothing":                      {"an empty document is none", "", "it is not the JSON of a record"},
		"null":                         {"no record", "null", "it has schema version 0"},
		"an array":                     {"no record", "[]", `field "" is of another type`},
		"cut off":                      {"half a record is none", `{"version":2,"` + secret, "it is not the JSON of a record"},
		"a field of another type":      {"it is named, and its value is not", fields(map[string]string{"status": `{"` + secret + `":1}`}), `field "status" is of another type`},
		"a time that is none":          {"its value is not quoted", fields(map[string]string{"overflow": `"` + secret + `"`}), "it is not the JSON of a record"},
		"no version":                   {"nobody knows how to read it", fields(map[string]string{"version": ""}), "it has schema version 0, this flexsweep knows 1 to 2"},
		"an older one":                 {"there was none before 1", fields(map[string]string{"version": "-1"}), "it has schema version -1"},
		"a newer one":                  {"a newer flexsweep wrote it", fields(map[string]string{"version": "3"}), "it has schema version 3, this flexsweep knows 1 to 2"},
		"no SID":                       {"which channel is it?", fields(map[string]string{"sid": ""}), "it names no channel"},
		"a task's SID":                 {"a task is no channel", fields(map[string]string{"sid": quoted("WT")}), "it names no channel"},
		"a path for a SID":             {"it would close a stranger", fields(map[string]string{"sid": `"` + sid("CH", 1)[:33] + `?"`}), "it names no channel"},
		"no backend":                   {"which API?", fields(map[string]string{"backend": ""}), "its backend is unknown"},
		"another backend":              {"which API?", fields(map[string]string{"backend": `"` + secret + `"`}), "its backend is unknown"},
		"conversations":                {"the other backend", fields(map[string]string{"backend": `"conversations"`}), ""},
		"no status":                    {"what is to be done with it?", fields(map[string]string{"status": ""}), "its status is unknown"},
		"another status":               {"what is to be done with it?", fields(map[string]string{"status": `"` + secret + `"`}), "its status is unknown"},
		"retiring":                     {"each status is one", fields(map[string]string{"status": `"retiring"`}), ""},
		"retired":                      {"each status is one", fields(map[string]string{"status": `"retired"`}), ""},
		"a service":                    {"a SID", fields(map[string]string{"service_sid": quoted("IS")}), ""},
		"a service with a query":       {"it would delete the service", fields(map[string]string{"service_sid": `"` + sid("IS", 1) + `?x="`}), "its service is no SID"},
		"an interaction":               {"two SIDs", fields(map[string]string{"interaction": interaction(quoted("KD"), quoted("UO"))}), ""},
		"an interaction of none":       {"it would close another's", fields(map[string]string{"interaction": interaction(`"../x"`, quoted("UO"))}), "its interaction is no SID"},
		"an interaction's channel":     {"it would close another's", fields(map[string]string{"interaction": interaction(quoted("KD"), `"x"`)}), "its interaction is no SID"},
		"an interaction without":       {"it names nothing", fields(map[string]string{"interaction": "{}"}), "its interaction is no SID"},
		"a task":                       {"a SID, a phase", fields(map[string]string{"tasks": task(quoted("WT"), "")}), ""},
		"a task that is none":          {"it would be asked for", fields(map[string]string{"tasks": task(`"`+secret+`"`, "")}), "one of its tasks cannot be one"},
		"a task without a phase":       {"nobody knows whether it has ended", fields(map[string]string{"tasks": `{` + quoted("WT") + `:{}}`}), "one of its tasks cannot be one"},
		"a task of another phase":      {"nobody knows whether it has ended", fields(map[string]string{"tasks": task(quoted("WT"), `,"phase":"x"`)}), "one of its tasks cannot be one"},
		"a task in a workspace":        {"a SID", fields(map[string]string{"tasks": task(quoted("WT"), `,"workspace":`+quoted("WS"))}), ""},
		"a task in a path":             {"it would be asked for there", fields(map[string]string{"tasks": task(quoted("WT"), `,"workspace":"WS1/.."`)}), "one of its tasks cannot be one"},
		"channel types":                {"from the list", fields(map[string]string{"channel_types": `["sms","web"]`}), ""},
		"an unknown channel type":      {"it could be anything, a phone number too", fields(map[string]string{"channel_types": `["sms","` + secret + `"]`}), "one of its channel types is unknown"},
		"a claim":                      {"what fits", fields(map[string]string{"claim": claim(`"backend":"chat","disposition":"delete"`)}), ""},
		"a claim, to put back":         {"what was never touched has no target", fields(map[string]string{"claim": claim(`"done":true`)}), ""},
		"a claim, only a backend":      {"it says not what is done", fields(map[string]string{"claim": claim(`"backend":"chat"`)}), "what was to be done to the channel does not fit it"},
		"a claim that does not fit":    {"a chat channel is not closed", fields(map[string]string{"claim": claim(`"backend":"chat","disposition":"close"`)}), "what was to be done to the channel does not fit it"},
		"a claim of no disposition":    {"nobody knows what is done", fields(map[string]string{"claim": claim(`"backend":"chat","disposition":"x"`)}), "what was to be done to the channel does not fit it"},
		"a claim in a service":         {"a SID", fields(map[string]string{"claim": claim(`"backend":"chat","disposition":"delete","service_sid":` + quoted("IS"))}), ""},
		"a claim in a path":            {"it would be deleted", fields(map[string]string{"claim": claim(`"backend":"chat","disposition":"delete","service_sid":"IS1?x="`)}), "what was to be done to the channel does not fit it"},
		"a claim in a service only":    {"it says not what is done", fields(map[string]string{"claim": claim(`"service_sid":` + quoted("IS"))}), "what was to be done to the channel does not fit it"},
		"a retirement":                 {"what fits", fields(map[string]string{"retirement": claim(`"backend":"conversations","disposition":"close","result":"done"`)}), ""},
		"a retirement that cannot be":  {"a conversation is not deactivated", fields(map[string]string{"retirement": claim(`"backend":"conversations","disposition":"deactivate"`)}), "what was to be done to the channel does not fit it"},
		"a retirement in a path":       {"it would be put back there", fields(map[string]string{"retirement": claim(`"backend":"chat","disposition":"deactivate","service_sid":"` + sid("IS", 1) + `/"`)}), "what was to be done to the channel does not fit it"},
		"an older retirement in a way": {"the first schema is checked, too", `{"version":1,"sid":` + quoted("CH") + `,"backend":"chat","tasks":{},"status":"retired","retirement":{"run":"r","time":"2026-03-01T12:00:00Z","disposition":"explode"}}`, "what was to be done to the channel does not fit it"},
		"an older type of another":     {"its value is not quoted", `{"version":1,"sid":` + quoted("CH") + `,"backend":"chat","tasks":{},"status":"retired","channel_type":["` + secret + `"]}`, `field "channel_type" is of another type`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := channel.Decode([]byte(row.raw))
			if (err == nil) != (row.err == "") || err != nil && !strings.Contains(err.Error(), row.err) {
				t.Fatalf("%s: got %v, want %q", row.reason, err, row.err)
			}
			if err == nil {
				return
			}
			diff(t, "there is no half record", channel.Record{}, got)
			if strings.Contains(err.Error(), "Canary") || !strings.HasPrefix(err.Error(), "read record: ") {
				t.Errorf("the error is %q", err)
			}
		})
	}
}

func TestDecodeReadsWhatWasWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := records().Draw(t, "record")
		back, err := channel.Decode([]byte(encode(t, r)))
		if err != nil {
			t.Fatal(err)
		}
		if want, got := encode(t, r), encode(t, back); want != got {
			t.Fatalf("written:\n%s\nread:\n%s", want, got)
		}
	})
}

// version1 returns a record of the first schema, as it was written.
func version1(backend, more string) string {
	return `{"version":1,"sid":"` + sid("CH", 1) + `","backend":"` + backend + `","service_sid":"` + sid("IS", 1) + `","channel_type":"sms",` +
		`"interaction":{"sid":"` + sid("KD", 1) + `","channel_sid":"` + sid("UO", 1) + `","time":"2026-03-01T12:00:00Z"},` +
		`"tasks":{"` + sid("WT", 1) + `":{"phase":"ended","time":"2026-03-01T12:00:00Z","outcome":"completed"}}` + more + `}`
}

func TestDecodeReadsTheFirstSchema(t *testing.T) {
	t.Parallel()
	const when = `"time":"2026-03-01T13:00:00Z"`
	claim := func(disposition, more string) string {
		return `,"claim":{"run":"a",` + when + `,"disposition":"` + disposition + `"` + more + `}`
	}
	retirement := func(disposition, more string) string {
		return `,"retirement":{"run":"b",` + when + `,"disposition":"` + disposition + `"` + more + `}`
	}
	const tracking, retiring, retired = `,"status":"tracking"`, `,"status":"retiring"`, `,"status":"retired"`
	const noted, done, already = `,"previous":{"long_lived":"yes","status":null}`, `,"result":"done"`, `,"result":"already"`
	note := found(`"yes"`, "null")
	inactive := channel.Inactive()
	to := func(d channel.Disposition, f *channel.Found) channel.Target {
		t := target(d)
		t.Found = f
		return t
	}
	claimed := func(t channel.Target) *channel.Claim {
		return &channel.Claim{Run: "a", Time: at(time.Hour), Target: t}
	}
	over := func(t channel.Target, result channel.Result) *channel.Retirement {
		return &channel.Retirement{Run: "b", Time: at(time.Hour), Target: t, Result: result}
	}
	told := func(r *channel.Retirement) *channel.Retirement { r.Told = true; return r }
	deleteChat := channel.Target{Backend: channel.Chat, ServiceSID: sid("IS", 1), Disposition: channel.Delete}
	for name, row := range map[string]struct {
		reason     string
		backend    string
		more       string
		claim      *channel.Claim
		retirement *channel.Retirement
	}{
		"tracking":                      {"nothing was done", "chat", tracking, nil, nil},
		"a conversation":                {"nothing was done", "conversations", tracking, nil, nil},
		"claimed to deactivate":         {"it wrote down only what was not as usual", "chat", retiring + claim("deactivate", ""), claimed(to(channel.Deactivate, active)), nil},
		"claimed, noted":                {"what was found odd was noted as a retirement without a result", "chat", retiring + claim("deactivate", "") + retirement("deactivate", noted), claimed(to(channel.Deactivate, note)), over(to(channel.Deactivate, note), "")},
		"claimed, noted as absent":      {"nothing was there", "chat", retiring + claim("deactivate", "") + retirement("deactivate", `,"previous":{}`), claimed(to(channel.Deactivate, found("", ""))), over(to(channel.Deactivate, found("", "")), "")},
		"claimed, news then":            {"the claim stays as evidence", "chat", tracking + claim("deactivate", `,"done":true`), &channel.Claim{Run: "a", Time: at(time.Hour), Target: to(channel.Deactivate, active), Done: true}, nil},
		"claimed to close":              {"nothing is overwritten", "conversations", retiring + claim("close", ""), claimed(target(channel.Close)), nil},
		"claimed to delete a chat":      {"nothing is overwritten", "chat", retiring + claim("delete", ""), claimed(deleteChat), nil},
		"claimed to delete":             {"nothing is overwritten", "conversations", retiring + claim("delete", ""), claimed(target(channel.Delete)), nil},
		"claimed to put back":           {"there was nothing to say", "chat", tracking + claim("", ""), claimed(channel.Target{}), nil},
		"a flip under a deactivation":   {"what it said can only be meant of a chat channel", "conversations", retiring + claim("deactivate", ""), claimed(to(channel.Deactivate, active)), nil},
		"a flip under a closing":        {"what it said can only be meant of a conversation", "chat", retiring + claim("close", ""), claimed(target(channel.Close)), nil},
		"deactivated":                   {"what was overwritten", "chat", retired + retirement("deactivate", done+`,"previous":{"long_lived":true,"status":"ACTIVE"}`), nil, over(to(channel.Deactivate, active), channel.Done)},
		"deactivated, one was absent":   {"what was overwritten", "chat", retired + retirement("deactivate", done+`,"previous":{"long_lived":1.0}`), nil, over(to(channel.Deactivate, found("1.0", "")), channel.Done)},
		"deactivated, not noted":        {"it is as every long-lived channel is", "chat", retired + retirement("deactivate", done), nil, over(to(channel.Deactivate, active), channel.Done)},
		"inactive before":               {"nothing was overwritten, so nothing is given back", "chat", retired + retirement("deactivate", already), nil, over(to(channel.Deactivate, &inactive), channel.Already)},
		"inactive by a dead run":        {"what that run overwrote", "chat", retired + retirement("deactivate", already+noted), nil, over(to(channel.Deactivate, note), channel.Already)},
		"gone":                          {"nothing was done", "chat", retired + retirement("deactivate", `,"result":"gone"`), nil, over(to(channel.Deactivate, active), channel.Gone)},
		"closed":                        {"nothing is overwritten", "conversations", retired + retirement("close", done), nil, over(target(channel.Close), channel.Done)},
		"closed, already":               {"nothing is overwritten", "conversations", retired + retirement("close", already), nil, over(target(channel.Close), channel.Already)},
		"closed, odd":                   {"nothing is overwritten", "conversations", retired + retirement("close", done+noted), nil, over(target(channel.Close), channel.Done)},
		"closed, late":                  {"a sweep has told it", "conversations", retired + retirement("close", done+`,"late":true`), nil, told(over(target(channel.Close), channel.Done))},
		"claimed again, then":           {"the later claim carries on what was found", "chat", tracking + claim("deactivate", "") + retirement("deactivate", done+noted), claimed(to(channel.Deactivate, note)), over(to(channel.Deactivate, note), channel.Done)},
		"closing again what was":        {"a closing has nothing to give back", "conversations", tracking + claim("close", "") + retirement("deactivate", done+noted), claimed(target(channel.Close)), over(to(channel.Deactivate, note), channel.Done)},
		"deactivating what was closing": {"it is as every long-lived channel is", "chat", tracking + claim("deactivate", "") + retirement("close", done), claimed(to(channel.Deactivate, active)), over(target(channel.Close), channel.Done)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := channel.Decode([]byte(version1(row.backend, row.more)))
			if err != nil {
				t.Fatal(err)
			}
			named := channel.Named{Chat: channel.Created}
			if row.backend == "conversations" {
				named = channel.Named{Conversations: channel.Created}
			}
			want := channel.Record{
				Version: channel.Version, SID: sid("CH", 1), Backend: channel.Backend(row.backend), Named: named, ServiceSID: sid("IS", 1), Types: []string{"sms"},
				Interaction: &channel.Interaction{SID: sid("KD", 1), ChannelSID: sid("UO", 1), Time: noon},
				Tasks:       map[string]channel.Task{sid("WT", 1): {Phase: channel.Ended, Time: noon, Outcome: "completed"}},
				Status:      got.Status, Claim: row.claim, Retirement: row.retirement,
			}
			diff(t, row.reason, want, got)
			diff(t, "nobody knows whether its tasks were created on it", false, got.HasEvidence())
		})
	}
	for text, want := range map[string][]string{`"WhatsApp"`: {"whatsapp"}, `"+4912345"`: {channel.Other}, `""`: nil, "null": nil} {
		got, err := channel.Decode([]byte(strings.Replace(version1("chat", `,"status":"tracking"`), `"sms"`, text, 1)))
		diff(t, "its type, from the list: "+text, want, got.Types)
		diff(t, "it is a record: "+text, nil, err)
	}
	hold, err := channel.Decode([]byte(version1("chat", `,"status":"tracking","hold":{"by":"ops","reason":"why"},"failure":{"count":3,"time":"2026-03-01T12:00:00Z","operation":"x","http_status":500,"code":7}`)))
	diff(t, "it is a record", nil, err)
	diff(t, "an operator's hold stays", &channel.Hold{By: "ops", Reason: "why"}, hold.Hold)
	diff(t, "failures go on", &channel.Failure{Count: 3, Time: noon, Operation: "x", Status: 500, Code: 7}, hold.Failure)
}

// FuzzDecode: whatever stands in a document, what is read of it holds nothing but SIDs where
// SIDs belong, can be worked on, and is written in a way that reads the same.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		fields(nil), version1("chat", `,"status":"retired","retirement":{"run":"r","time":"2026-03-01T12:00:00Z","disposition":"deactivate","result":"already"}`),
		version1("conversations", `,"status":"retiring","claim":{"run":"r","time":"2026-03-01T12:00:00Z","disposition":"deactivate"}`), `{"version":2}`, `[]`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		r, err := channel.Decode([]byte(raw))
		if err != nil {
			return
		}
		checkSIDs(t, r)
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		back, err := channel.Decode(text)
		if err != nil {
			t.Fatalf("what was read cannot be read again: %v\n%s", err, text)
		}
		if again := encode(t, back); again != string(text) {
			t.Fatalf("written:\n%s\nthen:\n%s", text, again)
		}
		channel.Decide(r, policy, noon)
		channel.Trim(channel.Apply(r, event(1, channel.Open, noon)), noon)
	})
}

func checkSIDs(t *testing.T, r channel.Record) {
	t.Helper()
	targets := []channel.Target{}
	if r.Claim != nil {
		targets = append(targets, r.Claim.Target)
	}
	if r.Retirement != nil {
		targets = append(targets, r.Retirement.Target)
	}
	sids := map[string]string{r.SID: "CH"}
	optional := map[string]string{r.ServiceSID: "IS"}
	for _, target := range targets {
		optional[target.ServiceSID] = "IS"
	}
	if r.Interaction != nil {
		sids[r.Interaction.SID], sids[r.Interaction.ChannelSID] = "KD", "UO"
	}
	for name, task := range r.Tasks {
		sids[name], optional[task.Workspace] = "WT", "WS"
	}
	for text, kind := range optional {
		if text != "" {
			sids[text] = kind
		}
	}
	for text, kind := range sids {
		if !channel.IsSID(text, kind) {
			t.Errorf("%q is no SID of kind %s", text, kind)
		}
	}
}
