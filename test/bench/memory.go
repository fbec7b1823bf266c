package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/rig"
)

// endless is a Sync service with any number of records, which it makes up page by page: a
// ledger of a million needs no memory here. Its records are due in part, but none is
// changed: the sweep is a dry run.
type endless struct{ records int }

func (e endless) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Date", faketwilio.DefaultStart.Format(http.TimeFormat))
	switch {
	case strings.HasSuffix(r.URL.Path, "/Documents"):
		page, _ := strconv.Atoi(r.URL.Query().Get("Page"))
		_, _ = w.Write(e.page(r.URL.Path, page))
	default: // no control document
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"status":404,"code":20404,"message":"not found"}`)
	}
}

// page is 100 records, of which every fiftieth is due.
func (e endless) page(path string, page int) []byte {
	const size = 100
	var out bytes.Buffer
	out.WriteString(`{"documents":[`)
	last := min((page+1)*size, e.records)
	for i := page * size; i < last; i++ {
		ended := faketwilio.DefaultStart.Add(-time.Hour)
		if i%50 == 0 {
			ended = faketwilio.DefaultStart.Add(-72 * time.Hour)
		}
		comma := ","
		if i+1 == last {
			comma = ""
		}
		fmt.Fprintf(&out, `{"sid":"ET%032x","unique_name":"flexsweep-CH%032x","revision":"3","date_expires":null,"data":{"version":2,"named":{"chat":"created"},`+
			`"sid":"CH%032x","backend":"chat","channel_types":["sms"],"status":"tracking",`+
			`"tasks":{"WT%032x":{"phase":"ended","time":%q,"outcome":"completed","created":%q}}}}%s`,
			i, i, i, i, ended.Format(time.RFC3339), ended.Format(time.RFC3339), comma)
	}
	next := "null"
	if last < e.records {
		next = fmt.Sprintf(`"https://sync.twilio.com%s?PageSize=%d&Page=%d&PageToken=x"`, path, size, page+1)
	}
	fmt.Fprintf(&out, `],"meta":{"key":"documents","next_page_url":%s,"page":%d,"page_size":%d}}`, next, page, size)
	return out.Bytes()
}

// settings are those of a function process at the given fake.
func settings(base string) map[string]string {
	sid := func(kind string) string { return kind + strings.Repeat("0", 32) }
	return map[string]string{
		"TWILIO_ACCOUNT_SID": sid("AC"), "TWILIO_AUTH_TOKEN": "token", "SYNC_SERVICE_SID": sid("IS"), "CHAT_SERVICE_SIDS": sid("IS"),
		"WEBHOOK_URLS": hookURL, "TWILIO_BASE_URL": base, "CLOCK_URL": base, "TWILIO_REQUESTS_PER_SECOND": "100000",
	}
}

// sweepMemory lets a function process sweep that many records and returns the most
// memory that it ever had resident, in MiB.
func sweepMemory(ctx context.Context, dir, program string, records int) (mib, seconds float64, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, 0, err
	}
	server := &http.Server{Handler: endless{records}, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	address, err := rig.FreeAddress()
	if err != nil {
		return 0, 0, err
	}
	p, err := rig.Serve(ctx, dir, program, "Sweep", address, settings("http://"+listener.Addr().String()))
	if err != nil {
		return 0, 0, err
	}
	defer p.Stop()
	started := time.Now()
	res, err := http.Post("http://"+address+"/", "application/json", strings.NewReader(`{"dryRun":true}`))
	if err != nil {
		return 0, 0, err
	}
	defer res.Body.Close()
	var report struct{ Walked int }
	if err := json.NewDecoder(res.Body).Decode(&report); err != nil || report.Walked != records {
		return 0, 0, fmt.Errorf("the sweep walked %d of %d records (%w)", report.Walked, records, err)
	}
	seconds = time.Since(started).Seconds()
	mib, err = peakMemory(p.Pid())
	return mib, seconds, err
}

// peakMemory reads the peak resident set size of a process (Linux).
func peakMemory(pid int) (float64, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0, fmt.Errorf("read peak memory (Linux only): %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmHWM:" {
			kib, err := strconv.ParseFloat(fields[1], 64)
			return kib / 1024, err
		}
	}
	return 0, io.ErrUnexpectedEOF
}

// coldStart returns the median time from the start of the process to its first answer.
func coldStart(ctx context.Context, dir, program string) (time.Duration, error) {
	const runs = 21
	var took []time.Duration
	for range runs {
		address, err := rig.FreeAddress()
		if err != nil {
			return 0, err
		}
		started := time.Now()
		p, err := rig.Serve(ctx, dir, program, "EventStreams", address, settings("http://127.0.0.1:9"))
		if err != nil {
			return 0, err
		}
		res, err := http.Post("http://"+address+"/", "application/json", strings.NewReader("[]"))
		took = append(took, time.Since(started))
		p.Stop()
		if err != nil {
			return 0, err
		}
		if err := res.Body.Close(); err != nil {
			return 0, err
		}
	}
	slices.Sort(took)
	return took[runs/2], nil
}
