package faketwilio

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// recordVariable names the environment variable with a folder: if it is set, every server of this process adds each exchange, as
// one line of JSON, to a file there. This is how test/conformance gets at what other programs and tests say to the fake.
const recordVariable = "FLEXSWEEP_EXCHANGES"

// recording is the file of this process, shared by its servers.
var recording struct {
	sync.Mutex
	file *os.File
}

// startRecording makes a server record itself, if it is asked to. What cannot be recorded must not pass for recorded: it panics.
func startRecording(j *Journal) {
	dir := os.Getenv(recordVariable)
	if dir == "" {
		return
	}
	recording.Lock()
	defer recording.Unlock()
	if recording.file == nil {
		name := filepath.Join(dir, strconv.Itoa(os.Getpid())+".jsonl")
		file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			panic(fmt.Sprintf("faketwilio: %s: %v", recordVariable, err))
		}
		recording.file = file
	}
	j.Observe(writeExchange)
}

// writeExchange writes one line, at once: a process that is killed leaves whole lines behind.
func writeExchange(e Exchange) {
	line, err := json.Marshal(e)
	if err == nil {
		recording.Lock()
		_, err = recording.file.Write(append(line, '\n'))
		recording.Unlock()
	}
	if err != nil {
		panic(fmt.Sprintf("faketwilio: record exchange: %v", err))
	}
}
