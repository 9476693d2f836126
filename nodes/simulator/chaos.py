"""What happens to a simulated network until it is ended: weather, drawn again and again, and nodes,
traitors among them, that crash and start again."""

from functools import partial

from nodes.simulator.chance import Chance
from nodes.simulator.simulation import SimulatedNode, Simulation


class Chaos:
    """Begins with its making; `stop` draws nothing more, `calm` also ends what was drawn."""

    def __init__(self, simulation: Simulation, chance: Chance) -> None:
        self.simulation = simulation
        self.chance = chance
        self.is_going_on = True
        self.restarting: set[str] = set()
        """Nodes that are down and will start again."""
        simulation.after(simulation.weather.options.weather_ms, self._draw)

    def stop(self) -> None:
        """The weather stays as it is."""
        self.is_going_on = False

    def calm(self) -> None:
        """Nothing goes wrong from now on; who is down stays down."""
        self.stop()
        self.simulation.weather.options = self.simulation.weather.options.calm()
        self.simulation.weather.clear()
        for node in self.simulation.nodes.values():
            node.crash_at_write = False

    def start_all(self) -> list[SimulatedNode]:
        """Starts every node that is down; returns the honest ones."""
        for node in self.simulation.nodes.values():
            self._restart(node)
        return self.simulation.up()

    def _draw(self) -> None:
        if not self.is_going_on:
            return
        simulation, options = self.simulation, self.simulation.weather.options
        was_apart = bool(simulation.weather.group_of)
        simulation.weather.draw(tuple(simulation.nodes), simulation.time_ms)
        if simulation.weather.group_of:
            simulation.record("", "partition", groups=dict(simulation.weather.group_of))
        elif was_apart:
            simulation.record("", "heal")
        for node in simulation.nodes.values():
            if node.replica is None and node.member not in self.restarting:
                self.restarting.add(node.member)
                simulation.after(self.chance.between(1, options.restart_ms_max), partial(self._restart, node))
        up = [node for node in simulation.nodes.values() if node.replica is not None and not node.crash_at_write]
        if up and len(simulation.nodes) - len(up) < options.down_max and self.chance.happens(options.crash_permille):
            node = self.chance.pick(up)
            if self.chance.happens(500):
                node.crash_at_write = True
            else:
                simulation.crash(node)
        simulation.after(options.weather_ms, self._draw)

    def _restart(self, node: SimulatedNode) -> None:
        self.restarting.discard(node.member)
        if node.replica is None:
            self.simulation.counts.restart += 1
            self.simulation.start(node)
