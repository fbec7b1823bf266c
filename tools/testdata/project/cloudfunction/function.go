// Package function stands for the real one, where only its bytes matter.
package function
