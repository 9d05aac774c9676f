module gwplugins

go 1.24
