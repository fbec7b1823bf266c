package faketwilio

import (
	"encoding/json"
	"net/http"
)

// controlRoutes sets up the control API, with which an outside process turns the clock, breaks things and looks at the world.
func (s *Server) controlRoutes() {
	s.control.HandleFunc("GET /_fake/health", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
}

// writeJSON answers the control API.
func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
