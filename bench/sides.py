"""The ways to run a module that are compared. Each is a command with places for files, such as {wasm}, filled in for every subject."""
import pathlib
import shlex
import sys
from dataclasses import dataclass

PEER_HELP = "another way to run the module, in the same turns: a command with {wasm}, {args} and {dir}, a directory that it must grant"
PREPARE_HELP = "run once per module before it is measured, such as a peer's own compiler, with {wasm} and {dir}"


@dataclass
class Side:
    name: str
    words: list

    def command(self, places, arguments=()):
        """The words with `{key}` replaced; a word that is {args} becomes the arguments."""
        command = []
        for word in self.words:
            if word == "{args}":
                command += arguments
                continue
            for key, value in places.items():
                word = word.replace("{" + key + "}", str(value))
            command.append(word)
        return command

    def __str__(self):
        """For conditions that are saved: without the path, which is nobody else's."""
        return f"{self.name}: {shlex.join([pathlib.PurePath(self.words[0]).name, *self.words[1:]])}"


def add_arguments(parser):
    parser.add_argument("--peer", action="append", default=[], type=peer, metavar="NAME=COMMAND", help=PEER_HELP)
    parser.add_argument("--prepare", action="append", default=[], type=preparation, metavar="COMMAND", help=PREPARE_HELP)


def peer(text):
    name, equals, command = text.partition("=")
    if not name or not equals or "{" not in command:
        raise ValueError(text)
    return Side(name, shlex.split(command))


def preparation(text):
    return Side("prepare", shlex.split(text))


def check_names(sides):
    names = [side.name for side in sides]
    if len(set(names)) != len(names):
        sys.exit(f"two sides have the same name: {', '.join(names)}")
    return sides


def prepare(preparations, places, launcher):
    for each in preparations:
        command = each.command(places)
        done = launcher.run(command)
        if done.code != 0:
            sys.exit(f"{shlex.join(command)} exits with {done.code}\n{done.errors}".rstrip())
