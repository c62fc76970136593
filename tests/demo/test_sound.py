"""Sound: notes on a ring, at a level that suits a feed."""

import wave
from pathlib import Path

import numpy as np

from solstice.demo import sound
from solstice.demo.music import add_crickets, add_rain, add_surf, add_wind, compose
from solstice.demo.sound import RATE_HZ, Score


def test_a_note_that_outlasts_the_end_sounds_on_at_the_beginning() -> None:
    """That is what makes the music loop."""
    score = Score(1.0)
    note = np.ones(RATE_HZ // 2, dtype=np.float32)
    score.play(0.75, note)
    assert score.ring[0, : RATE_HZ // 4].min() > 0
    assert score.ring[0, RATE_HZ // 4 : RATE_HZ // 2].max() == 0
    assert score.ring[0, -RATE_HZ // 4 :].min() > 0


def test_a_note_longer_than_the_ring_goes_round_again() -> None:
    """No sample is lost, whatever the lengths."""
    score = Score(0.5)
    score.play(0.1, np.ones(RATE_HZ, dtype=np.float32), pan=-1)
    assert np.allclose(score.ring[0], 2)
    assert np.allclose(score.ring[1], 0)


def test_a_pluck_has_the_pitch_it_was_asked_for() -> None:
    """Measured on its spectrum."""
    note = sound.pluck(440.0, seconds=1.0)
    hertz = np.fft.rfftfreq(note.size, 1 / RATE_HZ)
    assert abs(hertz[np.abs(np.fft.rfft(note)).argmax()] - 440) < 2


def test_an_octave_is_twelve_semitones() -> None:
    """From any root."""
    assert sound.pitch_hz(12, 110) == 220


def test_clips_are_about_equally_loud_and_never_distort(tmp_path: Path) -> None:
    """Nobody reaches for the volume between two swipes."""
    for gain in (0.01, 30.0):
        score = Score(1.0)
        score.play(0, sound.pad((0, 4, 7), root_hz=110, seconds=1.0), gain=gain)
        score.write(tmp_path / "sound.wav")
        with wave.open(str(tmp_path / "sound.wav")) as file:
            assert (file.getnchannels(), file.getframerate()) == (2, RATE_HZ)
            samples = np.frombuffer(file.readframes(RATE_HZ), "<i2") / 32767
        assert np.abs(samples).max() < 0.9
        assert 0.05 < np.sqrt((samples**2).mean()) < 0.2


def test_silence_can_be_written(tmp_path: Path) -> None:
    """Without a division by its loudness."""
    score = Score(0.1)
    score.write(tmp_path / "sound.wav")
    assert (tmp_path / "sound.wav").stat().st_size > RATE_HZ // 10


def test_composed_music_fills_every_bar_and_weather_lies_over_it() -> None:
    """Four bars, a beat, and each kind of weather adds to what was there."""
    chance = np.random.default_rng(1)
    score = compose(chance, 2.0, mood="night", voice="bell", has_beat=True)
    bars = score.ring.reshape(2, 4, -1)
    assert (np.abs(bars).mean(axis=2) > 1e-3).all()
    for add in (add_surf, add_rain, add_wind, add_crickets):
        before = score.ring.copy()
        add(score, chance)
        assert np.abs(score.ring - before).max() > 1e-3
        assert np.isfinite(score.ring).all()
