/** Every code that a diagnostic may carry: what it means, and what mends it. docs/errors.md is made of this; a test holds it against the code both ways. */
export const codes: { readonly [code: string]: string } = {
  'action/failed':
    'An action on a host or a service failed; its exit or status and its own words are shown. The actions before it were done.',
  'action/lost':
    'The answer of an action did not arrive, so it is not known whether it was done. Run again: what is true is left alone.',
  'action/trouble': 'A warning: a command did its work, and told of trouble on the way.',
  'advice/command-sentence':
    'A warning: the sentence of a task is a command. Say what is true once it was done.',
  'advice/contradiction':
    'A warning: two tasks of a play want different values for the same thing, so each run undoes one of them.',
  'advice/plain-secret': 'A warning: a secret stands in the playbook in plain text.',
  'advice/unguarded-run':
    'A warning: a `run` is run at every run, because nothing tells when it need not.',
  'become/failed': 'sudo did not let us become the user. Try the command of the hint on the host.',
  'become/no-sudo': 'The host has no sudo. Install it, or log in as the user itself.',
  'become/not-allowed': 'The login user may not become that user: sudoers must allow it.',
  'become/password-needed':
    'sudo wants a password and none is known. Give one with --ask-become-pass or in the inventory, or allow NOPASSWD.',
  'become/password-wrong':
    'sudo refused the password. It is not tried again, so that no account is locked.',
  'become/prompt': 'sudo asked for something that is not a password, or never went on.',
  'become/requiretty': 'sudo on that host works on terminals only.',
  'become/user': '`become_user` is no name of a user.',
  'cases/law':
    'A type breaks a law of types, or does something else than its case says. The case is shown.',
  'cases/none': 'A type has no cases to be held to. `trueup new type` writes some to begin with.',
  'cli/duration': 'An option wants a duration: `24h`, `90m`, `7d`.',
  'cli/exists': 'A file that was to be written is there already. It is never written over.',
  'cli/input': 'A value of `-e` is not `key=value`, and its file is no map.',
  'cli/input-file': 'The file of `-e @file` cannot be read.',
  'cli/no-inventory': 'No inventory was given and there is no ./inventory. Name one with `-i`.',
  'cli/no-tag': 'No task of the playbook has that tag.',
  'cli/no-task': 'No task of the playbook has that sentence or number.',
  'cli/no-terminal': 'A password was to be asked for, and there is no terminal to ask on.',
  'cli/no-types': 'There is no resource type in that file or folder.',
  'cli/not-shipped': 'Nothing of that name came with trueup. `trueup shipped` lists what did.',
  'cli/not-written': 'A file cannot be written there.',
  'cli/one-host': '`--host` wants the name of one host.',
  'cli/out': '`-o` saves a plan to a file; the form of the output is `--output`.',
  'cli/secret-typed':
    'A warning: the value of a secret input stands on the command line, where other users can read it. Give it in a file.',
  'cli/unknown-type': 'There is no resource type of that name.',
  'config/not-read': 'A configuration file is there and cannot be read.',
  'config/on-end':
    'A warning: the command or the webhook of `on_end` failed. The run itself is not affected.',
  'config/unknown-setting': 'A key of a configuration file that is not a setting.',
  'config/unknown-variable':
    'A warning: an environment variable looks like a setting of trueup, and is none.',
  'config/value': 'A value of the configuration is not what is wanted there.',
  'connect/ca': 'The file with the authorities of a service cannot be read.',
  'connect/host-key-after-boot':
    'A warning: a host that this run booted showed a new host key, which holds for this run only.',
  'connect/host-key-authority':
    'The host is known by a certificate authority only, and host certificates are not checked. The hint has the way out.',
  'connect/host-key-changed':
    'The host showed another key than the known one. Another machine may stand in between: find out before you go on.',
  'connect/host-key-revoked': 'The host showed a key that is marked as revoked.',
  'connect/host-key-short': 'The host showed an RSA key that is shorter than RequiredRSASize.',
  'connect/host-key-unchecked':
    'A warning: host keys are not checked, so whatever machine answers gets what is sent. Where another key is known, no secret is sent.',
  'connect/host-key-unknown':
    'The host is in no known_hosts file. Check its fingerprint, then add it, or set `host_keys: accept-new`.',
  'connect/jump': 'A jump is not written as `user@host:port`.',
  'connect/jump-loop': 'The jumps towards a host lead in a circle.',
  'connect/known-hosts-unwritten': 'A warning: a new host key could not be written down.',
  'connect/lock-busy':
    'Another run is at work on the host, and did not end in time. Nothing was done there.',
  'connect/lock-foreign':
    'A warning: the folder of locks on a host belongs to another user, so the lock is held on this controller.',
  'connect/lock-none':
    'A warning: no lock can be kept on this controller, so two runs may meet on a host that has no flock.',
  'connect/lock-waiting': 'A warning: an apply waits for another run that is at work on its host.',
  'connect/openssh-missing': 'A host has `transport: openssh`, and this machine has no ssh.',
  'connect/openssh-password':
    'A host has `transport: openssh` and a password or a passphrase in the inventory; that transport sends none.',
  'connect/secret-withheld':
    'The host showed another key than the known one and `host_keys: off` goes on, but no password, token or other secret is sent there.',
  'connect/service': 'The inventory has no service of that name.',
  'connect/ssh-config': 'A line of the ssh_config is wrong.',
  'connect/ssh-config-undone':
    'A warning: the ssh_config asks for something that the transport `ssh2` does not do.',
  'connect/ssh-config-unsupported':
    'A line of the ssh_config would change how a host is reached, and the transport `ssh2` does not have it. It is never ignored: the hint has the ways out.',
  'connect/tls-untrusted':
    'The certificate of a service is not signed by an authority that is trusted. Name one with `ca:`.',
  'connect/tls-unverified':
    'A warning: certificates of a service are not verified, so whoever answers gets its token.',
  'connect/token-expired': 'The token of a service has expired.',
  'connect/token-missing': 'The token of a service cannot be had from where the inventory says.',
  'connect/token-refused': 'The token endpoint refused to give a token.',
  'expression/braces': 'Expressions have no `{{ }}`: they are computed as they stand.',
  'expression/failed': 'An expression could not be computed from the values it got.',
  'expression/jinja': 'This is Jinja; conditions are CEL. The hint has the CEL spelling.',
  'expression/missing': 'An expression asks for something that has no value.',
  'expression/not-boolean': 'A condition gives something else than true or false.',
  'expression/not-set-yet': 'An expression names a register of a later task.',
  'expression/pattern':
    'A text given to matches() is not a pattern, or needs more than one look at the text.',
  'expression/result': 'An expression gives something that a playbook cannot hold.',
  'expression/syntax': 'An expression cannot be read.',
  'expression/too-much':
    'An expression does too much work and was stopped: nested loops, or a text that grows.',
  'expression/type':
    'An expression does not fit the types of its values, or names a function that there is not.',
  'expression/unknown-field': 'An expression names a field that its value does not have.',
  'expression/unknown-name':
    'An expression names something that is no input, var, register or fact.',
  'guard/moved':
    'Between the decision and the action something moved on the host, so nothing was done. Run again to decide anew.',
  'include/loop': 'A file includes itself.',
  'include/not-tasks': 'An included file is not a list of tasks.',
  'input/default':
    'The default of an input is not what the input is declared to be, or a secret stands in it.',
  'input/missing': 'An input without a default was not given. Give it with `-e`.',
  'input/unknown': 'The playbook has no input of that name.',
  'input/value': 'The value of an input is not what it is declared to be.',
  'internal/defect':
    'A defect of trueup or of a resource type, not of your playbook. Please report it.',
  'inventory/address': 'An address is neither a name nor an address.',
  'inventory/alias': 'A warning: two nodes have one alias. The first keeps it.',
  'inventory/by':
    'The expression of `by` gives a map on some host: groups are named by texts, numbers, true or false.',
  'inventory/clear-token': 'A warning: a token travels unencrypted.',
  'inventory/empty': 'The inventory has no host.',
  'inventory/empty-folder': 'The inventory folder holds no YAML or JSON file and no program.',
  'inventory/group-cycle': 'Groups lie in each other.',
  'inventory/group-name': 'A name that a group cannot have.',
  'inventory/host-keys-off': 'A warning: host keys are not verified.',
  'inventory/host-name': 'A name that a host cannot have.',
  'inventory/ini': 'The inventory is an INI file. Convert it to YAML with the command of the hint.',
  'inventory/json': 'What should be JSON is none.',
  'inventory/jump': 'A jump names no host.',
  'inventory/name-twice': 'A group and a host have one name.',
  'inventory/no-file': 'The inventory that was named is not there, or cannot be read.',
  'inventory/no-group': 'There is no group of that name.',
  'inventory/no-host': 'There is no host of that name.',
  'inventory/no-match': 'A pattern matches no host. It never means all of them.',
  'inventory/not-a-node': 'The name of a BMC or another component stands where a node is meant.',
  'inventory/not-asked': 'A source of the inventory was not asked, so its hosts are not known.',
  'inventory/not-cached':
    'A warning: what a source answered was not cached, because it seems to hold a secret or cannot be written.',
  'inventory/not-read': 'A warning: a file, a var or a word of the inventory is not read.',
  'inventory/not-text': 'An inventory file is not UTF-8 text.',
  'inventory/open-secret': 'A warning: a file with a secret can be read by others.',
  'inventory/pattern': 'A pattern of hosts is not written right.',
  'inventory/plain-secret':
    'A warning: a secret is written in the inventory itself. Take it from a file or the environment.',
  'inventory/program-failed':
    'A program that should print an inventory failed, or did not end in time. Its own words are shown.',
  'inventory/program-said':
    'A warning: what a program that prints an inventory said on its standard error.',
  'inventory/program-unnamed':
    'A program lies in an inventory folder that nobody named. It is run only where the folder or the program is named with `-i`.',
  'inventory/range-ambiguous': 'It is not clear which digits a range counts.',
  'inventory/range-bracket': 'A bracket of a range is not opened or not closed.',
  'inventory/range-empty': 'A range lacks a number.',
  'inventory/range-padding': 'The ends of a range are padded with zeros to different widths.',
  'inventory/range-reversed': 'A range runs backwards.',
  'inventory/range-step': 'The step of a range is 0.',
  'inventory/range-syntax': 'A part of a range is no number and no range of numbers.',
  'inventory/range-too-large': 'A range stands for too many names.',
  'inventory/reserved': 'A group name that is reserved.',
  'inventory/secret': 'A secret is given in more than one way, or in none.',
  'inventory/service-name': 'A name that a service cannot have.',
  'inventory/service-url': 'The URL of a service is missing or wrong.',
  'inventory/shape':
    'A part of the inventory has the wrong shape: a map is wanted where something else stands.',
  'inventory/site-var':
    'A warning: a name that says how a host is reached elsewhere is a var of the site here. `ansible_user` and the like say it.',
  'inventory/source': 'A `source:` is not written right, or names no program.',
  'inventory/source-answer':
    "What was kept of a source's answer is not whole. Ask again with `--refresh-inventory`.",
  'inventory/source-failed':
    'A service did not answer what a source asked. `--cached-inventory` uses what it answered before.',
  'inventory/source-service': 'A source asks a service that the inventory does not have.',
  'inventory/ssh-arguments':
    'An argument of `ansible_ssh_common_args` is not supported. The hint has the setting that means the same.',
  'inventory/template': 'An inventory is data: nothing in it is computed.',
  'inventory/template-text':
    'A warning: a value of a foreign inventory is a template of Ansible. It is a text here.',
  'inventory/token': "The source of a service's token is not written right.",
  'inventory/unknown-key': 'A key that the inventory does not have there.',
  'inventory/value': 'A setting of the inventory has a value that it cannot have.',
  'inventory/var-name': 'A name that a var cannot have.',
  'lab/already-up': 'A lab is up in that folder.',
  'lab/broken': 'The lab failed inside.',
  'lab/fault': 'The fault is not one that the lab knows.',
  'lab/folder': 'The lab cannot use that folder.',
  'lab/no-shell': 'The lab needs a package that is not installed. The hint installs it.',
  'lab/no-such-node': 'The lab has no node of that name.',
  'lab/not-down': 'The lab did not end.',
  'lab/not-up': 'No lab is up there, or it did not come up.',
  'lab/release': 'The lab does not know that CSM release.',
  'manifest/action':
    'An action of a manifest is missing, is two, or has a key of another kind of action.',
  'manifest/empty': 'The manifest is empty.',
  'manifest/field':
    'A manifest names a field that its state does not have or that may not be wanted, or leaves one out.',
  'manifest/from': 'An observed field is taken from a probe that there is not.',
  'manifest/guard': 'A change destroys something and has no guard, or its guard is no probe.',
  'manifest/identity': 'No param of a manifest says which thing is meant.',
  'manifest/name':
    'A name of a manifest cannot be used: taken, reserved, or with characters that names do not have.',
  'manifest/observe': 'An observed field is not taken from its reading in one right way.',
  'manifest/param': 'A param of a manifest contradicts itself, or names one that there is not.',
  'manifest/probe':
    'A probe of a manifest has a key of another kind of probe, lacks one, or has a time that is not a duration.',
  'manifest/probe-order':
    'Probes wait for each other in a circle, or in more rounds than there are.',
  'manifest/regexp': 'A regular expression of a manifest cannot be read.',
  'manifest/repair':
    'A wanted field of a manifest is repaired by no change, or there are changes and nothing is wanted.',
  'manifest/secret': 'A manifest puts a secret where it would be shown.',
  'manifest/settle': 'A manifest waits without saying for how long, or a duration of it is none.',
  'manifest/text': 'Something else than a text stands where a manifest wants one.',
  'manifest/wish': 'A manifest wants a value that its field can never have.',
  'param/duration': 'A duration is not written as `30s`, `5m` or `1h30m`.',
  'param/empty': 'A param, a list or a text is empty where it may not be.',
  'param/idle': 'A param means nothing beside the others that are given.',
  'param/line': 'A text that becomes one line holds a line end.',
  'param/local-file':
    'A local file cannot be read. Its path is relative to the folder of the playbook.',
  'param/local-folder':
    'A folder of this machine would be named by what a host answered. Only inputs, vars of the inventory and `host.name` may take part in it.',
  'param/matcher': 'A matcher is not written right.',
  'param/missing': 'A param that must be given is not.',
  'param/mode': 'A file mode is not octal digits in quotes.',
  'param/not-a-map': 'The params of a type are not a map.',
  'param/path': 'A path is not absolute.',
  'param/pattern': 'A text does not have the form that the param wants.',
  'param/range': 'A number is too small or too large.',
  'param/secret': 'A secret was given to a param that would show it.',
  'param/size': 'A size is not written as `512`, `50G` or `1.5T`.',
  'param/template': 'The file of a template cannot be known before the run.',
  'param/together': 'Params were given that exclude each other.',
  'param/type':
    'A value is of another type than the param wants. What YAML takes for a number may have to be quoted.',
  'param/unknown': 'The type has no param of that name.',
  'param/value': 'A value is none of those that the param takes.',
  'param/xname': 'A name is no xname, or that of another kind of component.',
  'plan/edited': 'A saved plan is not what was planned: somebody edited the file.',
  'plan/input': 'A saved plan has its inputs; only its secret ones are given again.',
  'plan/moved':
    'The state is not as the saved plan found it, so nothing was done on this host. Make a new plan.',
  'plan/not-a-plan': 'A file is no saved plan, or not all of one.',
  'plan/not-read': 'A saved plan cannot be read.',
  'plan/not-written': 'A saved plan cannot be written.',
  'plan/too-old': 'A saved plan is older than `--max-age` allows.',
  'plan/unseen-destruction':
    'What was unknown when the plan was saved would destroy something that it does not show.',
  'plan/version': 'A saved plan has the format of another version.',
  'play/handler': 'A handler is not one task with a sentence of its own.',
  'play/no-hosts': 'A play does not say its hosts.',
  'play/no-name': 'A play does not say what it makes true.',
  'play/no-tasks': 'A play has no tasks.',
  'play/not-a-map': 'A play is not a map.',
  'play/unknown-key': 'A key that a play does not have.',
  'playbook/comment':
    'A ` #` cuts a sentence or a condition. Quote the text, or put the comment on a line of its own.',
  'playbook/condition':
    'A condition is missing, or is something else than a text or a list of texts.',
  'playbook/empty': 'The file is empty.',
  'playbook/name':
    'A name that cannot be used here: reserved, taken, or with characters that names do not have.',
  'playbook/no-file':
    'A file that the playbook names cannot be read. Paths are relative to the file that names them.',
  'playbook/no-plays': 'The playbook has no plays.',
  'playbook/no-title': 'The playbook has no title: begin with `playbook:`.',
  'playbook/not-a-playbook': 'A playbook is a map with `playbook`, `inputs` and `plays`.',
  'playbook/requires':
    'A playbook is written for other versions of trueup, or `requires` is not a range of versions.',
  'playbook/self-reference': 'A var is computed from itself, directly or through others.',
  'playbook/type-name': 'A resource type has the name of a keyword.',
  'playbook/unknown-key': 'A key that a playbook, or the declaration of an input, does not have.',
  'playbook/value': 'A keyword has a value of the wrong kind; the message says what it wants.',
  'read/denied': 'Something could not be read because the user may not.',
  'read/exit': 'A reading command ended with an exit that is no answer.',
  'read/io': 'Something could not be read, for the reason shown.',
  'read/lost': 'The host stopped answering before something was read.',
  'read/missing-tool': 'The host lacks a tool that the reading needs.',
  'read/not-text': 'A file or an answer is not UTF-8 text.',
  'read/status': 'A service answered with a status that is no answer.',
  'read/timeout': 'Reading took longer than its time limit.',
  'read/too-deep':
    'An answer nests lists and maps too deeply to be compared and shown: more than 200 levels. Read a part of it.',
  'read/too-large': 'What was to be read is larger than its limit. It is never cut.',
  'read/unanswered':
    'A command that was read failed, or a service answered with an error. What counts as an answer is said by `rc` and `status_code`.',
  'read/unclear': 'What was read means nothing that the type knows.',
  'run/budget':
    'A warning: more hosts failed or could not be reached than the play allows, so the run ended.',
  'run/changed-since':
    'The playbook or the inventory changed since the run that `resume --strict` was to go on with.',
  'run/failed-when': '`failed_when` holds.',
  'run/failures-gather':
    'A warning: the failures of a rolling play gather in one chassis or cabinet, so no further hosts were begun.',
  'run/interrupted': 'The run was interrupted while a task waited, or at a question.',
  'run/limit': 'The limit names no host of any play. It never means all of them.',
  'run/log-damaged': 'A run log is not as it was written.',
  'run/log-unwritten':
    'A warning: the run log cannot be written any more, so the run cannot be resumed from there on.',
  'run/log-version': 'A run log was written by a later version.',
  'run/loop': '`loop` gives no list and no map.',
  'run/no-log': 'There is no run log of that name, or more than one.',
  'run/no-terminal':
    'A person must confirm a step, and there is no terminal to ask on. Use `--yes`.',
  'run/not-confirmed': 'A step was not confirmed.',
  'run/not-resumable':
    'That run cannot be resumed: it was a plan, it applied a saved plan, or it is still at work.',
  'run/not-settled': 'After its change the task did not become true in its time.',
  'run/output-lost':
    'A warning of the run log: the output of the run could not be written any more, so it began nothing new.',
  'run/owed':
    'A warning: an earlier run of this playbook left handlers unpaid on some of these hosts. `trueup resume RUN` pays them.',
  'run/refused': 'The type refuses to repair this difference. The hint says what to do instead.',
  'run/required': 'What `require` asks for is not so.',
  'run/second-step':
    'After its change the task needs another kind of change: two steps are two tasks.',
  'run/self-reference': 'A var is computed from itself.',
  'run/still-differs': 'The change was made, and what was read back still differs.',
  'run/undone':
    'A task undid what an earlier task of the same play had just made true. Say once what is wanted, or allow it with `# trueup: allow advice/contradiction`.',
  'run/unknown-delegate': '`delegate_to` names no host of the inventory.',
  'run/unreachable': 'The host or the service could not be reached, or the connection was lost.',
  'run/waited': 'What `wait` waits for did not come in its time.',
  'schema/missing-key': 'A key is missing.',
  'schema/type': 'A value is of the wrong type.',
  'schema/unknown-key': 'A key that is not known there.',
  'schema/value': 'A value that it cannot have.',
  'task/become': '`become_user` stands without `become`.',
  'task/event': 'An event such as `restarted` is no state: it belongs into a handler.',
  'task/keyword': 'A keyword does not go with this verb or this kind of task.',
  'task/loop': '`loop` is neither a list nor a map.',
  'task/no-block': '`rescue` or `always` stands without `block`.',
  'task/no-type': 'A task has a verb and no resource type.',
  'task/no-verb': 'A task has no verb.',
  'task/not-a-map': 'A task is not a map.',
  'task/notify': 'No handler of the play has that sentence.',
  'task/several-types': 'A task has more than one resource type.',
  'task/several-verbs': 'A task has more than one verb.',
  'task/unknown-key': 'A key that is no keyword and no resource type.',
  'task/verb': 'The resource type does not work with this verb.',
  'template/arguments': 'A function or a block of a template has the wrong arguments.',
  'template/missing': 'A name in a template has no value.',
  'template/not-a-list': '`{{#each}}` got neither a list nor a map.',
  'template/not-set-yet': 'A template names a register of a later task.',
  'template/not-text': 'A list, a map or nothing at all stands inside a text.',
  'template/refused': 'A part of Handlebars that is not used here.',
  'template/syntax': 'A template cannot be read.',
  'template/too-large': 'A template renders too much.',
  'template/too-much': 'A template does too much work and was stopped: nested loops.',
  'template/unknown-field': 'A template names a field that its value does not have.',
  'template/unknown-function': 'A template names a function that there is not.',
  'template/unknown-name': 'A template names something that is no input, var, register or fact.',
  'trust/others':
    'Somebody else than root and you could have written what decides what trueup does, so it is not used. The hint says what to type.',
  'type/defect': 'A resource type broke its contract. Report it to its author.',
  'type/export': 'A module does not export what a resource type is made of.',
  'type/import': "A type of one's own imports something else than the contract.",
  'type/load': 'The module of a type cannot be loaded.',
  'type/name': 'The name of a type is taken, or cannot be one.',
  'type/too-long': 'A function of a type of your own did not return in time and was stopped.',
  'type/typescript':
    'This Node cannot read TypeScript. Use a newer one, or write the type in JavaScript.',
  'yaml/alias': 'An alias has no anchor, stands in itself, or stands for too much.',
  'yaml/depth': 'The file nests too deeply.',
  'yaml/duplicate-key': 'A map has a key twice.',
  'yaml/forbidden-key': 'A key that no map may have.',
  'yaml/key': 'A key that is not a text.',
  'yaml/merge': 'YAML 1.2 has no merge key `<<`.',
  'yaml/nul': 'The file is binary, or not UTF-8.',
  'yaml/several-documents': 'The file holds more than one document.',
  'yaml/syntax': 'The file is no YAML.',
  'yaml/tab': 'A tab stands where blanks must.',
  'yaml/tag': 'A tag that is not known. The tags are `!raw` and `!expr`.',
  'yaml/too-large': 'The file is too large.',
  'yaml/unquoted-template': 'YAML takes an unquoted `{{ … }}` for a map. Quote it.',
  'yaml/vault':
    'A file or a value is encrypted by ansible-vault. Give what is in it as inputs, or in a file that only you may read.',
  'yaml/version': 'The file says that it is another YAML than 1.2.',
}
