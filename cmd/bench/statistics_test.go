package main

import (
	"testing"
	"time"
)

func TestSpreadOf(t *testing.T) {
	for _, tc := range []struct {
		values []float64
		want   spread
	}{
		{nil, spread{}},
		{[]float64{3}, spread{3, 3, 3}},
		{[]float64{9, 1, 2}, spread{2, 1, 9}},
		{[]float64{4, 1, 2, 100}, spread{3, 1, 100}},
	} {
		if got := spreadOf(tc.values); got != tc.want {
			t.Errorf("spreadOf(%v) = %v, want %v", tc.values, got, tc.want)
		}
	}
}

func TestSample(t *testing.T) {
	s := sample{answers: 2000, elapsed: 4 * time.Second, processor: 3 * time.Second}
	if got, want := s.rate(), 500.0; got != want {
		t.Errorf("rate = %v, want %v", got, want)
	}
	if got, want := s.cost(), 1500.0; got != want {
		t.Errorf("cost = %v µs, want %v", got, want)
	}
}

func TestEnough(t *testing.T) {
	s := schedule{measure: 3 * time.Second, answers: 200, most: 15 * time.Second}
	for _, tc := range []struct {
		answers int
		elapsed time.Duration
		want    bool
	}{
		{1000, 2 * time.Second, false},
		{199, 4 * time.Second, false},
		{200, 3 * time.Second, true},
		{10, 15 * time.Second, true},
	} {
		if got := s.enough(tc.answers, tc.elapsed); got != tc.want {
			t.Errorf("enough(%d, %v) = %v, want %v", tc.answers, tc.elapsed, got, tc.want)
		}
	}
}
