module github.com/flexsweep/flexsweep

go 1.26
