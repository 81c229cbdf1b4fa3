"""Rasa's graph components: one battery for all of them, then what each adds to a message."""

from __future__ import annotations

import tests.bot.load_rasa  # noqa: F401 - before Rasa itself

# isort: split
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.encoder_featurizer import QUESTION, EncoderFeaturizer
from bot.components.estonian_analyzer import EstonianAnalyzer
from bot.components.faq_matcher import CANDIDATES, READER, FaqMatcher
from bot.components.intent_classifier import INTENT_SCORES, IntentClassifier
from bot.components.support_decision import SupportDecision
from bot.estonian import analyse
from bot.faq.decision import Decision, Policy, decide
from bot.faq.live import LiveFaq
from bot.faq.question import Question
from bot.understand import Reader
from bot.understanding import Candidate, FaqEntry
from tests.bot.fake_encoder import WordEncoder

ROOT = Path(__file__).parents[2]
COMPONENTS: list[type[GraphComponent]] = [EstonianAnalyzer, EncoderFeaturizer, IntentClassifier, FaqMatcher, SupportDecision]
WRONG: list[tuple[type[GraphComponent], str, Any]] = [
    (EstonianAnalyzer, "entities", ["isikukood"]),
    (IntentClassifier, "ranking_length", 0),
    (FaqMatcher, "question_intent", ""),
    (SupportDecision, "question_intent", None),
]
RETURNS = FaqEntry("tagastamise-tahtaeg", "Mitu päeva on mul aega kaup tagastada?", "14 päeva.", topic="tagastamine")
CONTEXT = ExecutionContext(GraphSchema({}))


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_is_for_estonian_and_explains_its_defaults(component: type[GraphComponent]) -> None:
    assert component.supported_languages() == ["et"]
    assert component.get_default_config.__doc__
    for key in component.get_default_config():
        assert f"`{key}`" in component.get_default_config.__doc__


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_lives_in_a_file_of_its_name_and_is_registered(component: type[GraphComponent]) -> None:
    file = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in component.__name__).lstrip("_")
    assert component.__module__ == f"bot.components.{file}"
    assert DefaultV1Recipe._from_registry(component.__name__).clazz is component


@pytest.mark.parametrize(("component", "key", "value"), WRONG)
def test_a_wrong_setting_stops_early_and_is_named(component: type[GraphComponent], key: str, value: Any, tmp_path: Path) -> None:
    config = component.get_default_config() | {key: value}
    with pytest.raises(InvalidConfigException, match=f"{component.__name__}: {key}"):
        component.create(config, LocalModelStorage(tmp_path), Resource("r"), CONTEXT)


def test_the_configuration_names_the_components_in_an_order_that_works() -> None:
    config = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
    names = [item["name"] for item in config["pipeline"]]
    assert names == [f"{component.__module__}.{component.__name__}" for component in COMPONENTS]
    for place, component in enumerate(COMPONENTS):
        assert set(component.required_components()) <= set(COMPONENTS[:place])


def analysed(text: str, **config: Any) -> Message:
    component = EstonianAnalyzer(EstonianAnalyzer.get_default_config() | config)
    (message,) = component.process([Message({"text": text})])
    return message


def featured(text: str) -> Message:
    (message,) = EncoderFeaturizer(WordEncoder()).process([analysed(text)])
    return message


def test_the_analyzer_gives_tokens_with_their_places_and_lemmas() -> None:
    message = analysed("öötöö jäääärest,  šokolaadidega")
    tokens = [(token.text, token.start, token.lemma) for token in message.get("text_tokens")]
    assert tokens[0] == ("öötöö", 0, "öötöö")
    assert tokens[-1][2] == "šokolaad"


def test_entities_stand_where_they_were_written() -> None:
    text = "tellimus   A10293,  helistage  5555 1234 või mari@example.ee"
    found = {entity["entity"]: text[entity["start"] : entity["end"]] for entity in analysed(text).get("entities")}
    assert found == {"order_number": "A10293", "phone": "5555 1234", "email": "mari@example.ee"}


def test_kinds_of_entities_can_be_left_to_others() -> None:
    assert analysed("helistage 5555 1234", entities=[]).get("entities") == []


@pytest.mark.parametrize(("text", "language"), [("kus mu pakk on", "et"), ("where is my parcel", "en"), ("где моя посылка", "ru"), ("ok", None), ("", None)])
def test_the_language_is_told_only_where_the_words_decide_it(text: str, language: str | None) -> None:
    assert analysed(text).as_dict(only_output_properties=True).get("language") == language


def test_training_examples_keep_their_authors_entities() -> None:
    example = Message({"text": "mu number on 5555 1234", "intent": "leave_contact", "entities": []})
    component = EstonianAnalyzer(EstonianAnalyzer.get_default_config())
    component.process_training_data(TrainingData([example, Message({"intent": "greet"})]))
    assert example.get("entities") == []
    assert example.get("text_tokens")


def test_the_featurizer_gives_a_vector_to_any_of_rasas_classifiers() -> None:
    message = featured("kus mu pakk on")
    _, sentence = message.get_dense_features("text", [])
    assert sentence.features.shape == (1, WordEncoder.dim)
    assert isinstance(message.get(QUESTION), Question)


def labelled() -> TrainingData:
    texts = {"greet": ["tere", "tere päevast", "hei", "tervist"], "thank": ["aitäh", "tänan väga", "suur tänu", "tänud"]}
    messages = [featured(text) for words in texts.values() for text in words]
    for message, intent in zip(messages, [intent for intent, words in texts.items() for _ in words], strict=True):
        message.set("intent", intent)
    return TrainingData(messages)


def test_intents_are_learned_kept_without_pickles_and_loaded_again(tmp_path: Path) -> None:
    storage, resource = LocalModelStorage(tmp_path), Resource("intents")
    config = IntentClassifier.get_default_config()
    IntentClassifier.create(config, storage, resource, CONTEXT).train(labelled())
    assert {path.suffix for path in tmp_path.rglob("*") if path.is_file()} == {".json", ".npz"}
    loaded = IntentClassifier.load(config, storage, resource, CONTEXT)
    (message,) = loaded.process([featured("tere teile")])
    assert message.get("intent")["name"] == "greet"
    assert [one["name"] for one in message.get("intent_ranking")] == ["greet", "thank"]


def test_without_examples_nothing_is_recognised_and_nothing_breaks(tmp_path: Path) -> None:
    storage, resource = LocalModelStorage(tmp_path), Resource("intents")
    config = IntentClassifier.get_default_config()
    with pytest.warns(UserWarning, match="no example of an intent"):
        IntentClassifier.create(config, storage, resource, CONTEXT).train(TrainingData([]))
    (message,) = IntentClassifier.load(config, storage, resource, CONTEXT).process([featured("tere")])
    assert message.get("intent") == {"name": None, "confidence": 0.0}


class FakeReader(Reader):
    """Knows one entry and gives it this probability; what follows from that is the real reader's."""

    revision = 0
    shift = 0.0
    by_id: Mapping[str, FaqEntry] = MappingProxyType({})

    def __init__(self, probability: float) -> None:
        self.policy = Policy(answer_at=0.8)
        self._probability = probability

    def replace_entries(self, entries: Sequence[FaqEntry], *, revision: int) -> None:
        self.by_id = {entry.id: entry for entry in entries}

    def unread(self, entries: Sequence[FaqEntry]) -> list[FaqEntry]:
        return []

    def match(self, question: Question) -> tuple[Candidate, ...]:
        return tuple(Candidate(entry.id, entry.question, self._probability) for entry in self.entries)

    def settle(self, candidates: Sequence[Candidate], question: Question, intents: Sequence[tuple[str, float]]) -> tuple[tuple[Candidate, ...], Decision]:
        return tuple(candidates), decide(candidates, intents, self.policy, has_words=question.analysis.has_words)


def decided(text: str, probability: float, *scores: tuple[str, float]) -> Message:
    """The last two components on a message that already has its intents."""
    faq = LiveFaq(FakeReader(probability), ROOT / "nowhere")
    faq.replace([RETURNS], revision=1)
    message = featured(text)
    message.set(INTENT_SCORES, list(scores))
    message.set("intent", {"name": scores[0][0], "confidence": scores[0][1]})
    (message,) = FaqMatcher(FaqMatcher.get_default_config(), lambda: faq).process([message])
    (message,) = SupportDecision(SupportDecision.get_default_config()).process([message])
    return message


def test_a_sure_question_is_answered_with_the_entrys_texts() -> None:
    message = decided("mitu päeva on aega", 0.9, ("ask_question", 0.9), ("greet", 0.1))
    decision = message.as_dict(only_output_properties=True)["decision"]
    assert decision["action"] == "answer"
    assert decision["candidates"][0]["texts"]["et"]["answer"] == "14 päeva."
    assert decision["candidates"][0]["topic"] == "tagastamine"


def test_a_strong_match_makes_a_question_of_smalltalk() -> None:
    message = decided("mitu päeva", 0.95, ("smalltalk_other", 0.6), ("ask_question", 0.4))
    assert message.get("intent") == {"name": "ask_question", "confidence": 0.4}
    assert message.get("decision")["intent"] == "smalltalk_other"  # what the classifier thought stays to be seen


def test_an_intent_that_is_not_clear_becomes_a_question() -> None:
    message = decided("mingi asi", 0.1, ("greet", 0.3), ("ask_question", 0.25))
    assert message.get("intent")["name"] == "ask_question"


@pytest.mark.parametrize("intent", ["ask_human", "complain", "gibberish", "smalltalk_joke", "leave_contact"])
def test_a_clear_intent_keeps_its_own_rule(intent: str) -> None:
    message = decided("tahan seda", 0.1, (intent, 0.95), ("ask_question", 0.05))
    assert message.get("intent")["name"] == intent


@pytest.mark.parametrize("text", ["mari@example.ee", "+372 5555 1234", "mari@näide", "tel 5555 1234"])
def test_a_bare_address_or_number_is_a_contact_whatever_the_classifier_says(text: str) -> None:
    message = decided(text, 0.1, ("smalltalk_season", 0.6), ("ask_question", 0.3), ("leave_contact", 0.1))
    assert message.get("decision")["action"] == "flow"
    assert message.get("intent")["name"] == "leave_contact"


def test_an_address_within_a_question_is_none() -> None:
    message = decided("miks arve ei tulnud aadressile mari@example.ee", 0.1, ("ask_question", 0.9), ("leave_contact", 0.1))
    assert message.get("intent")["name"] == "ask_question"


def test_intents_of_one_kind_stand_together() -> None:
    """Half greeting, half smalltalk is surely no question, though neither alone is the likeliest."""
    message = decided("tere kuidas sul läheb", 0.1, ("ask_question", 0.36), ("smalltalk_howareyou", 0.34), ("greet", 0.3))
    assert message.get("decision")["action"] == "smalltalk"
    assert message.get("intent")["name"] == "smalltalk_howareyou"


def test_anybodys_intents_are_left_alone_and_no_faq_is_opened() -> None:
    def no_faq() -> LiveFaq:
        raise AssertionError("nobody asked for it")

    message = featured("kas reedel on vaba lauda")
    message.set(INTENT_SCORES, [("lauabroneering", 0.6), ("menyy", 0.4)])
    message.set("intent", {"name": "lauabroneering", "confidence": 0.6})
    (message,) = FaqMatcher(FaqMatcher.get_default_config(), no_faq).process([message])
    (message,) = SupportDecision(SupportDecision.get_default_config()).process([message])
    assert (message.get(READER), message.get(CANDIDATES)) == (None, ())
    assert message.get("intent")["name"] == "lauabroneering"
    assert message.get("decision") is None


def test_the_live_faq_reads_files_only_until_somebody_brings_entries(tmp_path: Path) -> None:
    (tmp_path / "tarne.yml").write_text('- {id: tarneaeg, question: "Kui kiiresti pakk jõuab?", answer: "1–3 päevaga."}', encoding="utf-8")
    faq = LiveFaq(FakeReader(0.9), tmp_path)
    assert faq.revision == -1
    assert [entry.id for entry in faq.reader().entries] == ["tarneaeg"]
    faq.replace([RETURNS], revision=0)
    assert [entry.id for entry in faq.reader().entries] == ["tagastamise-tahtaeg"]
    assert faq.revision == 0


def test_the_live_faq_without_files_is_empty(tmp_path: Path) -> None:
    assert LiveFaq(FakeReader(0.9), tmp_path / "nowhere").reader().entries == ()


def test_a_revision_that_comes_late_does_not_undo_a_newer_one(tmp_path: Path) -> None:
    faq = LiveFaq(FakeReader(0.9), tmp_path)
    faq.replace([RETURNS], revision=7)
    faq.replace([], revision=6)
    assert faq.reader().entries == (RETURNS,)


def test_a_words_analysis_is_made_once_for_all_components() -> None:
    assert featured("kus mu pakk on").get("analysis") is analyse("kus mu pakk on")
