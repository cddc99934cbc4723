"""Fixtures of the player: a browser and Node.js, and random graphs."""

from tests.drawing.conftest import random_root as random_root
from tests.player.browser import running_browser as running_browser
from tests.player.browser import running_node as running_node
