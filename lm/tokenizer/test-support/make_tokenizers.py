"""Trains the tiny tokenizers of the tests, and writes down what Python makes of texts with them.

Needs the packages `tokenizers`, `transformers` and `mlx_lm`; writes `tokenizers.jsonl` beside this file.
"""

import json
import random
import tempfile
from pathlib import Path

from mlx_lm.tokenizer_utils import load
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, processors, trainers
from tokenizers import pre_tokenizers as pre

CORPUS = [
    "the cat sat on the mat and the dog sat on the log",
    "she doesn't know what they're doing, but he'll see it in 2024",
    "Straße naïve café über",
    "日本語 中文 привет мир",
    "    if x:\n        return y\n",
] * 3
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
LLAMA3 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CHATML = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'"
    "}}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
INSTRUCT = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content | trim }} [/INST]"
    "{% elif m.role == 'assistant' %} {{ m.content }} {{ eos_token }}"
    "{% else %}{{ raise_exception('no role but user and assistant: ' ~ m.role) }}{% endif %}{% endfor %}"
    "{% if tools %}{{ tools | tojson }}{% endif %}"
)
TEXTS = [
    *["", "a", " ", "   ", "\n\n", "\t x", "the cat", " the mat ", "She doesn't; THEY'RE 12345.", "Straße naïve"],
    *[
        "e\u0301 a\u0300\u0301",
        "日本語のテキスト",
        "привет",
        "👨‍👩‍👧‍👦 👍🏽 🇩🇪",
        "\u0000\u0001\u001f\u007f",
        "\ufeffx \ufeff",
        "a\u0085b\u00a0c",
    ],
    *[
        "שלום عليكم",
        "\u2028\u2029\u200b\u200d",
        "a\r\nb\r\n",
        "<|im_start|>user\nhi<|im_end|>",
        "<s>hi</s>",
        "\ufb01 ① \uff46\uff55",
    ],
    *[
        "▁under ▁score",
        "Ġx ü",
        "<0x41><0x0A>",
        "def f(x):\n    return x\n\n\n",
        "\U0001d49c 𠀀",
        "\ufffd\ufffd",
        "x" * 40,
    ],
]
CHATS = [
    [{"role": "user", "content": " Hi ☃ "}],
    [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello "}],
    [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
]
SETTINGS = [{}, {"add_generation_prompt": True}, {"continue_final_message": True}]
TOOLS = [{"type": "function", "function": {"name": "f", "parameters": {"ü": [1, 2.5, None, True]}}}]


def byte_level(pre_tokenizer, normalizer=None, **model):
    """A byte-level BPE, as GPT-2's."""
    tokenizer = Tokenizer(models.BPE(**model))
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    trainer = trainers.BpeTrainer(
        vocab_size=285,
        initial_alphabet=pre.ByteLevel.alphabet(),
        special_tokens=SPECIAL,
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def split(pattern):
    """What Llama 3 and Qwen 2 split by."""
    return pre.Sequence([pre.Split(Regex(pattern), "isolated"), pre.ByteLevel(add_prefix_space=False, use_regex=False)])


def sentence_piece(prefix):
    """A BPE with byte tokens, as Llama 2's; without a prefix, as Gemma's."""
    words = Tokenizer(models.BPE(unk_token="<unk>"))
    words.pre_tokenizer = pre.Metaspace(prepend_scheme="always")
    words.train_from_iterator(CORPUS[:3], trainers.BpeTrainer(vocab_size=60, show_progress=False))
    trained = json.loads(words.to_str())["model"]
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    tokens += sorted(trained["vocab"], key=trained["vocab"].get)
    vocabulary = {token: index for index, token in enumerate(tokens)}
    merges = [tuple(merge) for merge in trained["merges"]]
    model = models.BPE(vocabulary, merges, byte_fallback=True, unk_token="<unk>", fuse_unk=True)
    tokenizer = Tokenizer(model)
    replace = normalizers.Replace(" ", "▁")
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), replace]) if prefix else replace
    steps = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    tokenizer.decoder = decoders.Sequence([*steps, decoders.Strip(" ", 1, 0)] if prefix else steps)
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in tokens[:3]])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)]
    )
    return tokenizer


def unigram():
    """A Unigram model, as T5's."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    special = ["<pad>", "</s>", "<unk>"]
    trainer = trainers.UnigramTrainer(vocab_size=90, special_tokens=special, unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    return tokenizer


def word_piece():
    """A WordPiece model, as BERT's."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    tokenizer.train_from_iterator(
        CORPUS, trainers.WordPieceTrainer(vocab_size=120, special_tokens=special, show_progress=False)
    )
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


def chatml(**more):
    """The config of a model that speaks ChatML."""
    return {"bos_token": SPECIAL[0], "eos_token": SPECIAL[2], "unk_token": SPECIAL[0], "chat_template": CHATML, **more}


def instruct():
    """The config of a model that speaks as Llama 2's."""
    return {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "chat_template": INSTRUCT}


def tokenizers():
    """Each with its name and its config."""
    gpt2 = pre.ByteLevel(add_prefix_space=False)
    yield "gpt2", byte_level(gpt2), chatml()
    yield "smollm", byte_level(pre.Sequence([pre.Digits(individual_digits=True), gpt2])), chatml()
    llama3 = byte_level(split(LLAMA3), ignore_merges=True)
    llama3.post_processor = processors.TemplateProcessing(
        single="<|endoftext|> $A", pair="$A $B", special_tokens=[("<|endoftext|>", 0)]
    )
    yield "llama3", llama3, chatml()
    yield (
        "qwen2",
        byte_level(split(QWEN2), normalizers.NFC()),
        chatml(eos_token={"__type": "AddedToken", "content": SPECIAL[2]}),
    )
    yield "llama2", sentence_piece(prefix=True), instruct()
    yield "gemma", sentence_piece(prefix=False), instruct()
    yield "unigram", unigram(), {"eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
    yield "bert", word_piece(), {"unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}


def streamed(wrapper, tokens):
    """The text that comes of tokens one by one."""
    detokenizer = wrapper.detokenizer
    for token in tokens:
        detokenizer.add_token(token)
    detokenizer.finalize()
    return detokenizer.text


def rendered(tokenizer, chat, settings):
    """The prompt, or None where the template refuses the chat."""
    try:
        return tokenizer.apply_chat_template(chat, tokenize=False, **settings)
    except Exception:
        return None


def expected(name, tokenizer, config):
    """A line of the file: the tokenizer and what Python makes of texts, of drawn tokens and of chats."""
    draw = random.Random(name)
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.save(f"{folder}/tokenizer.json", pretty=False)
        config = {"tokenizer_class": "PreTrainedTokenizerFast", **config}
        Path(folder, "tokenizer_config.json").write_text(json.dumps(config))
        wrapper = load(Path(folder))
    python = wrapper._tokenizer
    texts, drawn = [], []
    for text in TEXTS:
        tokens = python.encode(text, add_special_tokens=False)
        texts.append([text, python.encode(text), tokens, python.decode(tokens), streamed(wrapper, tokens)])
    for _ in range(8):
        tokens = [draw.randrange(len(python)) for _ in range(draw.randint(1, 9))]
        drawn.append([tokens, python.decode(tokens), python.decode(tokens, skip_special_tokens=True)])
    chats = [[chat, settings] for chat in CHATS for settings in [*SETTINGS, {"tools": TOOLS}]]
    return {
        "name": name,
        "tokenizer": json.loads(tokenizer.to_str()),
        "config": config,
        "size": len(python),
        "bos": python.bos_token_id,
        "eos": sorted(wrapper.eos_token_ids),
        "texts": texts,
        "drawn": drawn,
        "chats": [[*chat, rendered(python, *chat)] for chat in chats] if "chat_template" in config else [],
    }


if __name__ == "__main__":
    lines = [json.dumps(expected(*parts), ensure_ascii=True, separators=(",", ":")) for parts in tokenizers()]
    Path(__file__).with_name("tokenizers.jsonl").write_text("\n".join(lines) + "\n")
