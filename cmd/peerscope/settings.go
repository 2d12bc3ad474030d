package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"peerscope/cmd/peerscope/internal/config"
)

func (a *app) configCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "config",
		Short: "Write, check and print the settings",
		Example: `  peerscope config init
  peerscope config check
  peerscope config print`,
	}, a.configInit(), a.configCheck(), a.configPrint())
}

func (a *app) configInit() *cobra.Command {
	return &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a settings file with every setting explained",
		Long: `Write a settings file in which every setting is explained and commented out: to FILE
('-' for standard output), else to where peerscope looks for its settings. A file that
exists is not overwritten.`,
		Example: `  peerscope config init
  peerscope config init - | less`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			path := config.DefaultFile(a.environ)
			if len(args) > 0 {
				path = args[0]
			}
			return a.writeSettings(path)
		},
	}
}

func (a *app) writeSettings(path string) error {
	switch path {
	case "":
		return setupError{errors.New("there is no home directory for the settings file: name a file")}
	case "-":
		_, err := a.stdout.Write(config.Example())
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists and is not overwritten", path)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(config.Example())
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.stdout, path)
	return err
}

func (a *app) configCheck() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Check the settings",
		Long: `Check FILE alone, or without FILE all that a command would read: the settings file and
the environment. Every mistake is listed with its place; exit code 3 if there is one.`,
		Example: `  peerscope config check
  peerscope config check /etc/peerscope/peerscope.yaml`,
		Args: cobra.MaximumNArgs(1),
	}
	flags := settingFlags(cmd, "config")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			n, err := config.CheckFile(args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.stdout, "%s: good, %d set\n", args[0], n)
			return err
		}
		c, err := a.load(flags)
		if err != nil {
			return err
		}
		return a.printGood(c)
	}
	return cmd
}

// printGood counts the settings by where they come from.
func (a *app) printGood(c config.Config) error {
	count := make(map[config.Source]int)
	for _, v := range c.Values() {
		count[v.Origin.Source]++
	}
	file := c.File
	if file == "" {
		file = "no settings file"
	}
	_, err := fmt.Fprintf(a.stdout, "%s: good, %d set in the file, %d in the environment\n",
		file, count[config.FromFile], count[config.FromEnvironment])
	return err
}

// shownValue is one line of `config print --json`.
type shownValue struct {
	Name   string `json:"name"`
	Value  any    `json:"value"` // a string, or a list of them
	Origin string `json:"origin"`
}

func (a *app) configPrint() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "print",
		Short: "Print every setting with its value and where that comes from",
		Long: `Print every setting with its value and where that comes from: a flag, the environment,
the settings file with its line, or the default. It takes the flags of all commands.`,
		Example: `  peerscope config print
  peerscope config print --udp 127.0.0.1:0 --json`,
		Args: cobra.NoArgs,
	}
	flags := settingFlags(cmd)
	asJSON := cmd.Flags().Bool("json", false, "print a JSON object per line")
	cmd.RunE = func(*cobra.Command, []string) error {
		c, err := a.load(flags)
		if err != nil {
			return err
		}
		if *asJSON {
			return a.printValuesJSON(c)
		}
		return a.printValues(c)
	}
	return cmd
}

func (a *app) printValues(c config.Config) error {
	w := tabwriter.NewWriter(a.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "SETTING\tVALUE\tFROM")
	for _, v := range c.Values() {
		fmt.Fprintf(w, "%s\t%s\t%s\n", v.Name, strings.Join(v.Texts(), " "), v.Origin)
	}
	return w.Flush()
}

func (a *app) printValuesJSON(c config.Config) error {
	for i, s := range config.Settings() {
		v := c.Values()[i]
		shown := shownValue{Name: v.Name, Value: strings.Join(v.Texts(), ""), Origin: v.Origin.String()}
		if s.List {
			shown.Value = v.Texts()
		}
		if err := a.printJSON(shown); err != nil {
			return err
		}
	}
	return nil
}
