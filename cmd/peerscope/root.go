package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"peerscope/cmd/peerscope/internal/config"
)

// root builds the tree of commands.
func (a *app) root() *cobra.Command {
	root := group(&cobra.Command{
		Use:   "peerscope",
		Short: "An observatory for IPv8 networks",
		Long: `Peerscope joins an IPv8 overlay as a real peer and shows whom it meets there.

Settings come from flags, the environment (PEERSCOPE_UDP for --udp) and a YAML file,
in this order of precedence; see 'peerscope config print'.

` + exitCodes,
		Example: `  peerscope tracker --udp 127.0.0.1:8470
  peerscope watch --udp 127.0.0.1:0 --bootstrap 127.0.0.1:8470
  peerscope ping 127.0.0.1:8470`,
		SilenceErrors: true,
		SilenceUsage:  true,
	},
		a.watchCommand(), a.trackerCommand(),
		a.pingCommand(), a.walkCommand(), a.similarityCommand(),
		a.keyCommand(), a.configCommand(), a.versionCommand(), a.manCommand(),
	)
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(flagError)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd() // its commands keep the output that is set by now
	completeCommands(root)
	markUsage(root)
	return root
}

// group is a command that only holds others: alone it prints its help, and
// anything it does not know is a mistake.
func group(cmd *cobra.Command, commands ...*cobra.Command) *cobra.Command {
	cmd.AddCommand(commands...)
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		var known []string
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				known = append(known, c.Name())
			}
		}
		return fmt.Errorf("unknown command %q; the nearest known one is %q", args[0], config.Nearest(args[0], known))
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	return cmd
}

// settingFlags adds the flags of the named settings, of all without names, and
// completes their values where these are few.
func settingFlags(cmd *cobra.Command, names ...string) *config.Flags {
	flags := config.AddFlags(cmd.Flags(), names...)
	for _, s := range config.Settings() {
		if !flags.Has(s.Name) {
			continue
		}
		complete := cobra.NoFileCompletions
		switch {
		case s.Kind == "FILE" || s.Kind == "DIR":
			continue // the shell's own
		case len(s.Choices) > 0:
			complete = cobra.FixedCompletions(s.Choices, cobra.ShellCompDirectiveNoFileComp)
		}
		if err := cmd.RegisterFlagCompletionFunc(s.Name, complete); err != nil {
			panic("peerscope: completion of a flag that was just added: " + err.Error())
		}
	}
	return flags
}

// flagError adds the nearest known flag to the message about an unknown one.
func flagError(cmd *cobra.Command, err error) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok && unknown.GetSpecifiedShortnames() == "" {
		var known []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
		err = fmt.Errorf("%w; the nearest known one is --%s", err, config.Nearest(unknown.GetSpecifiedName(), known))
	}
	return usageError{cmd.CommandPath(), err}
}

// completeCommands adds the examples to the commands that cobra brings, and lets
// `help` and `completion` refuse what they do not know.
func completeCommands(root *cobra.Command) {
	shells := map[string]string{
		"bash":       "  source <(peerscope completion bash)",
		"zsh":        `  peerscope completion zsh > "${fpath[1]}/_peerscope"`,
		"fish":       "  peerscope completion fish | source",
		"powershell": "  peerscope completion powershell | Out-String | Invoke-Expression",
	}
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Example = "  peerscope help watch"
			cmd.Args = helpTopic
		case "completion":
			cmd.Example = "  peerscope completion bash > /etc/bash_completion.d/peerscope"
			for _, shell := range cmd.Commands() {
				shell.Example = shells[shell.Name()]
			}
			group(cmd)
		}
	}
}

// helpTopic wants the path of a command.
func helpTopic(cmd *cobra.Command, args []string) error {
	topic, rest, err := cmd.Root().Find(args)
	if err != nil {
		return err
	}
	switch {
	case len(rest) == 0:
		return nil
	case topic.HasSubCommands():
		return topic.Args(topic, rest)
	}
	return usageError{topic.CommandPath(), cobra.NoArgs(topic, rest)}
}

// markUsage makes every refusal of arguments a usage error, unless it is one.
func markUsage(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			err := check(cmd, args)
			if _, marked := errors.AsType[usageError](err); err == nil || marked {
				return err
			}
			return usageError{cmd.CommandPath(), err}
		}
	}
	for _, c := range cmd.Commands() {
		markUsage(c)
	}
}
